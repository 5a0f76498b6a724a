import Glibc
package import OCIModel
import Synchronization

// The build cache: `cache` in the folder of the store.
//
//     steps/<key>     what a step came to: the name of its layer
//     reasons/<name>  what went into the keys of a stage, to tell later what has changed
//     files/<name>    digests of a context's files
//     locks/<key>     held by who executes a step
//     mounts/<key>    in a cache that is carried: the archive of a cache mount
//
// Each is a small file that is complete or not there. None of them is needed: what cannot be read counts as
// missing. The layers are blobs like all others.

/// A part of the build cache.
package enum CacheShelf: String, CaseIterable, Sendable {
  case steps, reasons, files, locks, mounts
}

extension OCILayoutStore {
  private static var cacheName: String { "cache" }

  private func shelf(_ shelf: CacheShelf) throws(StoreError) -> Folder {
    do throws(StoreError) {
      return try root.folder(Self.cacheName).folder(shelf.rawValue)
    } catch .system(let failure) where failure.code == ENOENT {
      try root.makeFolder(Self.cacheName, mode: 0o700)
      let cache = try root.folder(Self.cacheName)
      try cache.makeFolder(shelf.rawValue, mode: 0o700)
      return try cache.folder(shelf.rawValue)
    }
  }

  /// A shelf, if there is one: reading makes nothing.
  func existingShelf(_ shelf: CacheShelf) throws(StoreError) -> Folder? {
    do throws(StoreError) {
      return try root.folder(Self.cacheName).folder(shelf.rawValue)
    } catch .system(let failure) where failure.code == ENOENT {
      return nil
    }
  }

  // MARK: Records

  /// A record of the cache; nil if there is none, or one of more than `limit` bytes.
  package func cacheRecord(
    _ shelf: CacheShelf, _ name: Digest, limit: Int = 1 << 28
  ) throws(StoreError) -> [UInt8]? {
    guard let file = try existingShelf(shelf)?.openIfPresent(name.hex) else { return nil }
    do throws(StoreError) {
      return try file.readAll(limit: limit)
    } catch .tooLarge {
      return nil
    }
  }

  /// Writes a record: all of it or nothing.
  package func putCacheRecord(
    _ shelf: CacheShelf, _ name: Digest, _ content: [UInt8]
  ) throws(StoreError) {
    let folder = try self.shelf(shelf)
    let session = try openSession()
    var temporary = TemporaryFile(session: session)
    try session.folder.create(temporary.name, mode: 0o600).write(content)
    try temporary.rename(to: folder, name.hex)
  }

  // MARK: Steps

  /// What is known of a step, if its layer is there and intact; that counts as a use of it.
  package func cachedStep(_ key: Digest) throws(StoreError) -> CachedStep? {
    guard let file = try existingShelf(.steps)?.openIfPresent(key.hex) else { return nil }
    guard let step = CachedStep(decoding: try file.readAll(limit: 1 << 16)), step.key == key else {
      return nil
    }
    guard try isIntact(step.layer) else { return nil }
    // The time tells when the step was used last. A store that can only be read keeps the old one.
    _ = futimens(file.descriptor, nil)
    return step
  }

  package func putCachedStep(_ step: CachedStep) throws(StoreError) {
    try putCacheRecord(.steps, step.key, step.encoded())
  }

  /// Whether a blob is there and is what its descriptor says. Its content is read once in the life of this value.
  package func isIntact(_ descriptor: Descriptor) throws(StoreError) -> Bool {
    guard try size(of: descriptor.digest) == descriptor.size else { return false }
    if intact.withLock({ $0.contains(descriptor.digest) }) { return true }
    do throws(StoreError) {
      var reader = try open(descriptor)
      try reader.verify()
    } catch .digestMismatch {
      return false
    } catch .sizeMismatch {
      return false
    } catch .missingBlob {
      return false
    }
    intact.withLock { _ = $0.insert(descriptor.digest) }
    return true
  }

  /// Says that a blob has just been written, and verified on the way.
  package func knowIntact(_ digest: Digest) { intact.withLock { _ = $0.insert(digest) } }

  /// Waits until nobody else executes the step of a key.
  /// - Parameter isCancelled: asked again and again while waiting.
  /// - Returns: nil once `isCancelled` says so.
  package func lockStep(_ key: Digest, isCancelled: () -> Bool) throws(StoreError) -> StepLock? {
    let folder = try shelf(.locks)
    var pause: UInt32 = 1000
    while !isCancelled() {
      if let lock = try Lock.attempt(key.hex, in: folder), try lock.isCurrent(key.hex, in: folder) {
        return StepLock(lock, folder, key.hex)
      }
      usleep(pause)
      pause = min(pause * 2, 50_000)
    }
    return nil
  }

  /// A step in the cache, and when it was used last, in seconds since 1970.
  struct StoredStep {
    var name: String
    var step: CachedStep
    var used: Int64
  }

  /// All steps that can be read, in the order of their keys.
  func cachedSteps() throws(StoreError) -> [StoredStep] {
    guard let folder = try existingShelf(.steps) else { return [] }
    var result: [StoredStep] = []
    for name in try folder.names() {
      guard let file = try folder.openIfPresent(name),
        let step = CachedStep(decoding: try file.readAll(limit: 1 << 16)), step.key.hex == name
      else { continue }
      result.append(StoredStep(name: name, step: step, used: Int64(try file.status().st_mtim.tv_sec)))
    }
    return result
  }

  func removeCacheRecord(_ shelf: CacheShelf, _ name: String) throws(StoreError) {
    try existingShelf(shelf)?.remove(name)
  }

  func clear(_ shelf: CacheShelf) throws(StoreError) {
    guard let folder = try existingShelf(shelf) else { return }
    for name in try folder.names() { try folder.remove(name) }
  }

  /// The names of step records, those that cannot be read included.
  func cachedStepNames() throws(StoreError) -> [String] { try existingShelf(.steps)?.names() ?? [] }
}

/// The right to execute a step. It goes with the value, or with the process, however that ends.
package struct StepLock: ~Copyable, Sendable {
  private let lock: Lock
  private let folder: Folder
  private let name: String

  init(_ lock: consuming Lock, _ folder: Folder, _ name: String) {
    self.lock = lock
    self.folder = folder
    self.name = name
  }

  /// Lets others go on.
  package borrowing func release() {
    // While the lock is held, so that nobody else's goes. A file that stays is no lock; `prune` takes it away.
    try? folder.remove(name)
    lock.release()
  }
}
