import Glibc
package import OCIModel

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
    do throws(StoreError) {
      try other.verifyLayer(step.layer, diffID: step.diffID)
    } catch {
      switch error {
      case .diffIDMismatch, .unsupportedLayer, .archive, .sizeMismatch, .missingBlob: return nil
      default: throw error
      }
    }
    try copyBlob(step.layer, from: other)
    try putCachedStep(step)
    return step
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
