import Glibc
package import OCIModel

/// A folder that outlives builds, for `RUN --mount=type=cache`; locked as long as the value lives.
///
/// In the store it is `cachemounts/<hex of its key>/data`, beside `name`, which says for people what it is, and
/// `lock`, whose modification time is the last use. A second folder of one key, which `private` needs while the
/// first is in use, has `-1` at the end of its names, and so on. Whoever collects garbage is kept away by the
/// store's own lock (``OCILayoutStore/beginWork()``).
package struct MountFolder: ~Copyable, Sendable {
  /// Who may use the folder at one time.
  package enum Sharing: Hashable, Sendable {
    /// Everybody.
    case shared
    /// One after the other.
    case locked
    /// Nobody else: whoever comes second gets another folder.
    case `private`
  }

  /// The folder's absolute path.
  package private(set) var path: [UInt8]
  /// Whether the folder is empty and has yet to be filled; see ``complete()``.
  package private(set) var isNew: Bool
  private let parent: Folder
  private let suffix: String
  private let sharing: Sharing
  private let lock: OpenFile

  static let parentName = "cachemounts"
  private static let unfinished = "unfinished"

  private init(
    path: [UInt8], isNew: Bool, in parent: Folder, suffix: String, sharing: Sharing, lock: consuming OpenFile
  ) {
    self.path = path
    self.isNew = isNew
    self.parent = parent
    self.suffix = suffix
    self.sharing = sharing
    self.lock = lock
  }

  /// Opens one of the folders of a key; nil if it is not to be had.
  fileprivate static func open(
    in parent: Folder, suffix: String, sharing: Sharing, replacingEmpty: Bool, isCancelled: () -> Bool
  ) throws(StoreError) -> MountFolder? {
    let lock = try parent.open("lock" + suffix, flags: O_RDWR | O_CREAT, mode: 0o600)
    let name = "data" + suffix
    guard try take(lock, sharing == .shared ? LOCK_SH : LOCK_EX, sharing, isCancelled) else { return nil }
    guard futimens(lock.descriptor, nil) == 0 else { throw lock.failure("futimens") }
    var isNew = try !exists(parent, name)
    if !isNew, replacingEmpty, sharing != .shared { isNew = try parent.folder(name).isEmpty() }
    while isNew, sharing == .shared {
      // Only one makes it. Whoever waits for that must not wait for the end of its use.
      if flock(lock.descriptor, LOCK_EX | LOCK_NB) == 0 {
        isNew = try !exists(parent, name)
        if !isNew { try share(lock, sharing) }
        break
      }
      guard errno == EWOULDBLOCK || errno == EINTR else { throw lock.failure("flock") }
      // Nobody could have it alone as long as two that wait hold it together.
      guard flock(lock.descriptor, LOCK_UN) == 0 else { throw lock.failure("flock") }
      if isCancelled() { return nil }
      usleep(20_000)
      guard try take(lock, LOCK_SH, sharing, isCancelled) else { return nil }
      isNew = try !exists(parent, name)
    }
    let unfinished = Self.unfinished + suffix
    if isNew {
      // What a killed process has left.
      try parent.removeTree(unfinished)
      try parent.makeFolder(unfinished, mode: 0o755)
    }
    return MountFolder(
      path: parent.path(of: isNew ? unfinished : name), isNew: isNew, in: parent, suffix: suffix,
      sharing: sharing, lock: lock)
  }

  /// Puts a new folder into its place, when it has got its first content.
  package mutating func complete() throws(StoreError) {
    guard isNew else { return }
    try parent.rename(Self.unfinished + suffix, to: parent, "data" + suffix)
    path = parent.path(of: "data" + suffix)
    isNew = false
    try Self.share(lock, sharing)
  }

  /// Throws away what was put into a new folder. The next one who opens it starts anew.
  package func discard() throws(StoreError) {
    if isNew { try parent.removeTree(Self.unfinished + suffix) }
  }

  private static func share(_ lock: borrowing OpenFile, _ sharing: Sharing) throws(StoreError) {
    guard sharing == .shared else { return }
    while flock(lock.descriptor, LOCK_SH) != 0 {
      if errno != EINTR { throw lock.failure("flock") }
    }
  }

  /// - Returns: false when somebody else has a private folder, or the wait was called off.
  fileprivate static func take(
    _ lock: borrowing OpenFile, _ operation: CInt, _ sharing: Sharing, _ isCancelled: () -> Bool
  ) throws(StoreError) -> Bool {
    while flock(lock.descriptor, operation | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      guard errno == EWOULDBLOCK else { throw lock.failure("flock") }
      if sharing == .private || isCancelled() { return false }
      usleep(20_000)
    }
    return true
  }

  fileprivate static func exists(_ folder: Folder, _ name: String) throws(StoreError) -> Bool {
    do throws(StoreError) {
      _ = try folder.folder(name)
      return true
    } catch .system(let failure) where failure.code == ENOENT {
      return false
    }
  }
}

extension OCILayoutStore {
  /// Opens the folder of a key, and waits until it may be used.
  /// - Parameters:
  ///   - name: what it is, for people.
  ///   - replacingEmpty: whether an empty folder counts as new. It goes when the new one is complete; not with `shared`.
  ///   - isCancelled: asked while waiting.
  /// - Returns: nil if the wait was called off.
  package func openMountFolder(
    _ key: Digest, name: [UInt8], sharing: MountFolder.Sharing, replacingEmpty: Bool = false,
    isCancelled: () -> Bool = { false }
  ) throws(StoreError) -> MountFolder? {
    try beginWork()
    try root.makeFolder(MountFolder.parentName, mode: 0o700)
    let all = try root.folder(MountFolder.parentName)
    if try all.makeFolder(key.hex, mode: 0o711) {
      try all.folder(key.hex).replace("name", with: name + [0x0A], through: ".name", mode: 0o600)
    }
    let parent = try all.folder(key.hex)
    var number = 0
    while true {
      let suffix = number == 0 ? "" : "-\(number)"
      let folder = try MountFolder.open(
        in: parent, suffix: suffix, sharing: sharing, replacingEmpty: replacingEmpty, isCancelled: isCancelled
      )
      if let folder { return folder }
      guard sharing == .private, !isCancelled() else { return nil }
      number += 1
    }
  }
}

/// A mount's folder that nobody else uses as long as the value lives: to be read.
package struct HeldMountFolder: ~Copyable, Sendable {
  /// The folder's absolute path.
  package let path: [UInt8]
  private let lock: OpenFile

  fileprivate init(path: [UInt8], lock: consuming OpenFile) {
    self.path = path
    self.lock = lock
  }
}

extension OCILayoutStore {
  /// Waits until nobody uses the folder of a key, and keeps it so. That is no use of it: it does not get younger.
  ///
  /// Of a key with several folders, which `private` makes, it is the first.
  /// - Parameter isCancelled: asked while waiting.
  /// - Returns: nil if there is no folder, or the wait was called off.
  package func holdMountFolder(
    _ key: Digest, isCancelled: () -> Bool = { false }
  ) throws(StoreError) -> HeldMountFolder? {
    try beginWork()
    let parent: Folder
    do throws(StoreError) {
      parent = try root.folder(MountFolder.parentName).folder(key.hex)
    } catch .system(let failure) where failure.code == ENOENT {
      return nil
    }
    let lock = try parent.open("lock", flags: O_RDWR | O_CREAT, mode: 0o600)
    guard try MountFolder.take(lock, LOCK_EX, .locked, isCancelled), try MountFolder.exists(parent, "data")
    else {
      return nil
    }
    return HeldMountFolder(path: parent.path(of: "data"), lock: lock)
  }
}
