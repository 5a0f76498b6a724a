import Glibc
import Synchronization

/// How many files this process may have open. A walk over a tree holds a descriptor for each level, and trees can be deeper than
/// the usual soft limit of 1024 allows; programs that are started keep the limit that the caller came with, as some look at each
/// number up to it.
package enum OpenFileLimit {
  /// Enough for the deepest path on every thread.
  private static let wanted: UInt64 = 65536

  /// The soft limit before it was raised; 0 if it was not.
  private static let former = Atomic<UInt64>(0)

  /// Raises the soft limit as far as the hard one allows.
  package static func raise() {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    let (soft, target) = (UInt64(limit.rlim_cur), min(wanted, UInt64(limit.rlim_max)))
    guard soft < target else { return }
    limit.rlim_cur = rlim_t(target)
    // What stays low is an error where a file cannot be opened.
    guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    _ = former.compareExchange(expected: 0, desired: soft, ordering: .relaxed)
  }

  /// What a command has unless it has others; nil for what it inherits anyway.
  static var forCommands: ResourceLimit? {
    let soft = former.load(ordering: .relaxed)
    var limit = rlimit()
    guard soft > 0, unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      return nil
    }
    return ResourceLimit(.openFiles, soft: soft, hard: UInt64(limit.rlim_max))
  }
}
