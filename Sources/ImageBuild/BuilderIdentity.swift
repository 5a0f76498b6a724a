package import Isolation

/// As whom the process builds.
package enum BuilderIdentity: Sendable, Equatable {
  /// Root, whom the disk gives every owner.
  case root
  /// An ordinary user who is user 0 of a user namespace of one user.
  case namespaceRoot
  /// An ordinary user without a user namespace: RUN is not possible. The reason, where one is known.
  case ordinary(IsolationError?)

  /// Whether files can be given away. If not, owners are recorded beside the disk.
  var ownsDisk: Bool { self == .root }
}
