package import FileTree
import Synchronization

/// The owners of files that cannot carry their owner themselves, for as long as commands change them: see `UnmarkedOwners`.
package final class OwnerLedger: Sendable {
  private let state: Mutex<UnmarkedOwners>

  package init(_ owners: UnmarkedOwners = UnmarkedOwners()) {
    state = Mutex(owners)
  }

  package var owners: UnmarkedOwners { state.withLock { $0 } }

  var isEmpty: Bool { state.withLock { $0.isEmpty } }

  func record(inode: UInt64, born: Timestamp) -> OwnershipTable.Record? {
    state.withLock { $0.record(inode: inode, born: born) }
  }

  func set(_ record: OwnershipTable.Record?, inode: UInt64, born: Timestamp) {
    state.withLock { $0.set(record, inode: inode, born: born) }
  }
}
