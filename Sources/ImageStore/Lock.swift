import Glibc

/// A lock between processes and threads (`flock`): it goes when the value goes, or with the
/// process that holds it, however that ends.
struct Lock: ~Copyable, Sendable {
  private let file: OpenFile

  /// Gives the lock back before the value goes.
  borrowing func release() { _ = flock(file.descriptor, LOCK_UN) }

  /// Whether the lock's file still has its name: who held it last may have removed the file meanwhile.
  borrowing func isCurrent(_ name: String, in folder: Folder) throws(StoreError) -> Bool {
    guard let present = try folder.openIfPresent(name) else { return false }
    let (mine, other) = (try file.status(), try present.status())
    return mine.st_ino == other.st_ino && mine.st_dev == other.st_dev
  }

  enum Mode {
    case exclusive
    case shared
  }

  /// Waits for the lock on a file of `folder`, which is made if it is missing.
  static func wait(_ name: String, in folder: Folder, _ mode: Mode = .exclusive) throws(StoreError) -> Lock {
    let file = try folder.open(name, flags: O_RDWR | O_CREAT, mode: 0o600)
    let operation = mode == .exclusive ? LOCK_EX : LOCK_SH
    while flock(file.descriptor, operation) != 0 {
      if errno != EINTR { throw file.failure("flock") }
    }
    return Lock(file: file)
  }

  /// Takes the lock if nobody else has it.
  static func attempt(_ name: String, in folder: Folder) throws(StoreError) -> Lock? {
    let file = try folder.open(name, flags: O_RDWR | O_CREAT, mode: 0o600)
    guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { throw file.failure("flock") }
      return nil
    }
    return Lock(file: file)
  }
}
