import FileTree
package import Isolation

/// As whom the process builds.
package enum BuilderIdentity: Sendable, Equatable {
  /// Root, whom the disk gives every owner.
  case root
  /// An ordinary user who is user 0 of a user namespace of one user.
  case namespaceRoot
  /// An ordinary user who is user 0 of a user namespace with a range of /etc/subuid and /etc/subgid.
  case range(IDMapping)
  /// An ordinary user without a user namespace: RUN is not possible. The reason, where one is known.
  case ordinary(IsolationError?)

  /// Whether files can be given to everybody. If not, owners are recorded beside the disk.
  var ownsDisk: Bool { self == .root }

  /// Where owners go in a tree that commands see; nil where the disk has them all.
  var treeOwners: OwnershipTable? {
    if ownsDisk { return nil }
    var table = OwnershipTable()
    if case .range(let mapping) = self { table.disk = mapping.diskOwners }
    return table
  }

  /// Whether a file can be given to this owner.
  func canGive(to owner: Owner) -> Bool {
    switch self {
    case .root: true
    case .range(let mapping): mapping.diskOwners.holds(owner)
    case .namespaceRoot, .ordinary: false
    }
  }

  /// What stands for the caller in the keys of RUN: a command finds other rights as root than in a user namespace, and other
  /// users where they are emulated.
  var cacheName: String {
    switch self {
    case .root: "root"
    case .range: "user with a range"
    case .namespaceRoot, .ordinary: "supervised user"
    }
  }
}
