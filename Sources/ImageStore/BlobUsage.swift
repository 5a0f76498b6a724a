import Glibc
package import OCIModel

/// What the blobs and records of the store are for, and how much room they take. Sizes are bytes; a blob that several need is counted
/// once in each sum.
package struct BlobUsage: Hashable, Sendable {
  /// A listed image, with every platform of it that is here.
  package struct Image: Hashable, Sendable {
    package var descriptor: Descriptor
    /// Of all its blobs.
    package var size: Int64
    /// Of those that another image has too.
    package var sharedSize: Int64
    /// Sorted; empty for an image that lost its name or never had one.
    package var names: [ImageReference]
    /// What other tools call it, where that is no full name.
    package var labels: [String]
  }

  /// A step of the build cache.
  package struct Step: Hashable, Sendable {
    package var key: Digest
    /// Of its layer.
    package var size: Int64
    /// When it was used last, in seconds since 1970.
    package var used: Int64
    /// Whether its layer is in an image too.
    package var isInImage: Bool
  }

  /// In the order of the store's list, each image once.
  package var images: [Image] = []
  package var imagesSize: Int64 = 0
  /// Of the blobs that only images without a name have.
  package var namelessSize: Int64 = 0
  /// Those used longest ago first.
  package var steps: [Step] = []
  /// Of the layers that no image has.
  package var stepsSize: Int64 = 0
  /// Of what is remembered besides layers.
  package var recordsSize: Int64 = 0
  /// The blobs that neither an image nor the cache needs; work that goes on may.
  package var unneeded = CollectedGarbage()
}

extension OCILayoutStore {
  /// Tells what the blobs of the store are for. Nothing is verified or changed, and others may go on writing meanwhile.
  package func blobUsage() throws(StoreError) -> BlobUsage {
    var usage = BlobUsage()
    var sizes: [Digest: Int64] = [:]
    for name in try blobs.names() {
      guard let digest = try? Digest(hex: name[...]) else { continue }
      sizes[digest] = try size(of: digest)
    }
    func sum(_ digests: Set<Digest>) -> Int64 { digests.reduce(0) { $0 + (sizes[$1] ?? 0) } }

    var contents: [(images: [StoredImage], blobs: Set<Digest>)] = []
    for image in try images() {
      if let index = contents.firstIndex(where: { $0.images[0].descriptor.digest == image.descriptor.digest })
      {
        contents[index].images.append(image)
      } else {
        contents.append(([image], try imageBlobs(of: image.descriptor)))
      }
    }
    var uses: [Digest: Int] = [:]
    for content in contents { for digest in content.blobs { uses[digest, default: 0] += 1 } }
    let inImages = try imageBlobs()
    func isNamed(_ image: StoredImage) -> Bool { image.name != nil || image.label != nil }
    let named = contents.filter { $0.images.contains(where: isNamed) }
      .reduce(into: Set<Digest>()) { $0.formUnion($1.blobs) }
    usage.images = contents.map { content in
      BlobUsage.Image(
        descriptor: content.images[0].descriptor, size: sum(content.blobs),
        sharedSize: sum(content.blobs.filter { uses[$0, default: 0] > 1 }),
        names: content.images.compactMap(\.name), labels: content.images.compactMap(\.label))
    }
    usage.imagesSize = sum(inImages)
    usage.namelessSize = sum(
      contents.reduce(into: Set<Digest>()) { $0.formUnion($1.blobs) }.subtracting(named))

    let steps = try cachedSteps().sorted { ($0.used, $0.name) < ($1.used, $1.name) }
    usage.steps = steps.map { stored in
      BlobUsage.Step(
        key: stored.step.key, size: sizes[stored.step.layer.digest] ?? 0, used: stored.used,
        isInImage: inImages.contains(stored.step.layer.digest))
    }
    let layers = Set(steps.map(\.step.layer.digest))
    usage.stepsSize = sum(layers.subtracting(inImages))
    usage.recordsSize = try sizeOfRecords()

    let needed = inImages.union(layers).union(try mountBlobs())
    usage.unneeded.digests = sizes.keys.filter { !needed.contains($0) }.sorted()
    usage.unneeded.size = sum(Set(usage.unneeded.digests))
    return usage
  }

  private func sizeOfRecords() throws(StoreError) -> Int64 {
    var size: Int64 = 0
    for shelf in CacheShelf.allCases {
      guard let folder = try existingShelf(shelf) else { continue }
      for name in try folder.names() {
        // One that has gone since counts for nothing.
        if let file = try folder.openIfPresent(name) { size += Int64(try file.status().st_size) }
      }
    }
    return size
  }
}
