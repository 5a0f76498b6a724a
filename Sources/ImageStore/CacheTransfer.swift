import Glibc
package import OCIModel

/// Somewhere else that a build takes steps from when its own cache does not have them, and the content of cache mounts.
package protocol CacheSource: Sendable {
  /// Brings a step with its layer into a store; the layer has to be what its digest and its diff id say.
  /// - Returns: the step; nil if it is not there, or damaged.
  func bring(_ key: Digest, into store: OCILayoutStore) throws(StoreError) -> CachedStep?

  /// The cache mounts that it carries, in the order of their ids and keys.
  func mounts() throws(StoreError) -> [CachedMount]

  /// Finds the archive of a mount, and reads it against its digest.
  /// - Parameter scratch: takes an archive that is not on this machine.
  /// - Returns: the store that has it; nil if it is not there, or damaged.
  func archive(of mount: CachedMount, scratch: OCILayoutStore) throws(StoreError) -> OCILayoutStore?
}

extension OCILayoutStore: CacheSource {
  package func bring(_ key: Digest, into store: OCILayoutStore) throws(StoreError) -> CachedStep? {
    try store.importStep(key, from: self)
  }

  package func mounts() throws(StoreError) -> [CachedMount] { try mountArchives().map(\.mount) }

  package func archive(
    of mount: CachedMount, scratch: OCILayoutStore
  ) throws(StoreError) -> OCILayoutStore? {
    try isIntact(mount.archive) ? self : nil
  }
}

// Steps of the build cache go from one store to another with their layers. A folder that a cache was exported to is
// a store of its own: an image layout with the records of the steps beside it.
extension OCILayoutStore {
  /// Opens the store at `path`; nil if there is none.
  package static func openIfPresent(root path: [UInt8]) throws(StoreError) -> OCILayoutStore? {
    do throws(StoreError) {
      guard try Folder.open(path: path).openIfPresent(layoutName) != nil else { return nil }
    } catch .system(let failure) where failure.code == ENOENT {
      return nil
    }
    return try open(root: path)
  }

  /// Takes over a step, with its layer, from the cache of another store.
  ///
  /// The other one may come from anywhere, so that its layer has to be what its digest and its diff id say.
  /// - Returns: the step; nil if the other one does not have it, or has it damaged.
  package func importStep(_ key: Digest, from other: OCILayoutStore) throws(StoreError) -> CachedStep? {
    guard let step = try other.cachedStep(key) else { return nil }
    guard try other.isLayer(step.layer, diffID: step.diffID) else { return nil }
    try copyBlob(step.layer, from: other)
    try putCachedStep(step)
    return step
  }

  /// Whether a blob is there and is the layer of a diff id.
  package func isLayer(_ layer: Descriptor, diffID: Digest) throws(StoreError) -> Bool {
    do throws(StoreError) {
      try verifyLayer(layer, diffID: diffID)
      return true
    } catch {
      switch error {
      case .diffIDMismatch, .unsupportedLayer, .archive, .sizeMismatch, .missingBlob: return false
      default: throw error
      }
    }
  }

  /// The steps of some keys, in the order of these, without those that are not there.
  package func knownSteps(_ keys: [Digest]) throws(StoreError) -> [CachedStep] {
    var steps: [CachedStep] = []
    for key in keys {
      if let step = try cachedStep(key) { steps.append(step) }
    }
    return steps
  }

  /// Hands steps, with their layers, to the cache of another store. A step that is not there any more is passed over.
  package func exportSteps(_ keys: [Digest], to other: OCILayoutStore) throws(StoreError) {
    for key in keys {
      guard let step = try cachedStep(key) else { continue }
      try other.copyBlob(step.layer, from: self)
      try other.putCachedStep(step)
    }
  }

  private func copyBlob(_ descriptor: Descriptor, from other: OCILayoutStore) throws(StoreError) {
    if try isIntact(descriptor) { return }
    var reader = try other.open(descriptor)
    var writer = try makeBlob(limit: descriptor.size)
    var buffer = [UInt8](repeating: 0, count: ioBufferSize)
    while true {
      let count = try reader.read(into: &buffer)
      if count == 0 { break }
      try writer.write(buffer[..<count])
    }
    _ = try writer.finish(expecting: (descriptor.digest, descriptor.size))
  }
}
