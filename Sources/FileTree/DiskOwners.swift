/// The owners that the disk can carry: those that the process's user namespace has.
package struct DiskOwners: Hashable, Sendable {
  /// Sorted, and apart from each other.
  private let users: [ClosedRange<UInt32>]
  private let groups: [ClosedRange<UInt32>]

  package init(users: [ClosedRange<UInt32>], groups: [ClosedRange<UInt32>]) {
    self.users = users
    self.groups = groups
  }

  package func has(user: UInt32) -> Bool { users.contains { $0.contains(user) } }

  package func has(group: UInt32) -> Bool { groups.contains { $0.contains(group) } }

  /// An owner with what cannot be held of it left as it is.
  package func held(_ owner: Owner, otherwise now: Owner) -> Owner {
    Owner(uid: has(user: owner.uid) ? owner.uid : now.uid, gid: has(group: owner.gid) ? owner.gid : now.gid)
  }

  package func holds(_ owner: Owner) -> Bool { has(user: owner.uid) && has(group: owner.gid) }
}
