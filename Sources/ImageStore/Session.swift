import Glibc
import Synchronization

/// The folder for everything unfinished of one open store: `tmp/<pid>-<n>`. It is locked as long
/// as its owner lives, so that anybody can tell garbage from work.
final class Session: Sendable {
  let folder: Folder
  private let parent: Folder
  private let name: String
  private let counter = Atomic<Int>(0)
  /// Shared: as long as somebody writes, nothing is collected.
  private let collectionLock: Lock

  /// Names in the root of a store.
  static let parentName = "tmp"
  static let collectionLockName = "gc.lock"
  static let storeLockName = "lock"

  init(in root: Folder) throws(StoreError) {
    collectionLock = try Lock.wait(Self.collectionLockName, in: root, .shared)
    // Under the lock of the store, so that nobody takes the folder for garbage before it is locked.
    let lock = try Lock.wait(Self.storeLockName, in: root)
    defer { lock.release() }
    try root.makeFolder(Self.parentName, mode: 0o700)
    parent = try root.folder(Self.parentName)
    var attempt = 0
    var name = "\(getpid())-0"
    while try !parent.makeFolder(name, mode: 0o700) {
      attempt += 1
      name = "\(getpid())-\(attempt)"
    }
    self.name = name
    folder = try parent.folder(name)
    guard flock(folder.descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw .system(SystemFailure(operation: "flock", path: folder.path, code: errno))
    }
  }

  deinit {
    // What cannot be removed now is swept up when the store is opened the next time.
    try? parent.removeTree(name)
    // Closing is not enough: a program that another thread starts has the descriptor until it is executed.
    collectionLock.release()
  }

  /// A name that no other file of this session has.
  func newName() -> String { "\(counter.add(1, ordering: .relaxed).newValue)" }

  /// Removes the folders of sessions whose owner is gone. If somebody else holds the lock of the
  /// store, it is left for the next time.
  static func sweep(_ root: Folder) throws(StoreError) {
    let parent: Folder
    do throws(StoreError) {
      parent = try root.folder(parentName)
    } catch .system(let failure) where failure.code == ENOENT {
      return
    }
    let names = try parent.names()
    if names.isEmpty { return }
    guard let lock = try Lock.attempt(storeLockName, in: root) else { return }
    defer { lock.release() }
    var failure: StoreError?
    for name in names {
      do throws(StoreError) {
        if try !isAlive(name, in: parent) { try parent.removeTree(name) }
      } catch .system(let gone) where gone.code == ENOENT {
        continue
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// Whether somebody holds the lock of a session's folder. What is no folder belongs to nobody.
  private static func isAlive(_ name: String, in parent: Folder) throws(StoreError) -> Bool {
    do throws(StoreError) {
      let folder = try parent.folder(name)
      return flock(folder.descriptor, LOCK_EX | LOCK_NB) != 0
    } catch .system(let failure) where [ENOTDIR, ELOOP, EACCES].contains(failure.code) {
      return false
    }
  }
}
