import Glibc
package import OCIModel

/// Something in the store that is not as it should be.
package struct StoreProblem: Hashable, Sendable {
  /// The image in whose tree it was found, by its digest; nil if it is a blob for itself.
  package let image: Digest?
  package let error: StoreError
}

extension OCILayoutStore {
  /// Reads everything: every blob against its digest; of every image its documents, the sizes of
  /// what they refer to, and the diff ids of its layers. Of what is listed and is no image, only that all of it is there.
  ///
  /// - Returns: what is wrong, blobs first, each in the order of digests and names; empty is good.
  package func verify() throws(StoreError) -> [StoreProblem] {
    var problems: [StoreProblem] = []
    for name in try blobs.names() {
      do throws(StoreError) {
        guard let digest = try? Digest(hex: name[...]) else { throw .strayFile(name) }
        guard let file = try blobs.openIfPresent(name) else { throw .strayFile(name) }
        var reader = BlobReader(file: file, digest: digest, size: nil)
        try reader.verify()
      } catch {
        problems.append(StoreProblem(image: nil, error: error))
      }
    }
    var seen: Set<Digest> = []
    for root in try readIndex().manifests {
      verify(root, image: root.digest, depth: 0, seen: &seen, problems: &problems)
    }
    return problems
  }

  private func verify(
    _ descriptor: Descriptor, image: Digest, depth: Int, seen: inout Set<Digest>,
    problems: inout [StoreProblem]
  ) {
    guard seen.insert(descriptor.digest).inserted else { return }
    func check(_ body: () throws(StoreError) -> Void) {
      do throws(StoreError) {
        try body()
      } catch {
        problems.append(StoreProblem(image: image, error: error))
      }
    }
    if descriptor.mediaType.isIndex {
      var children: [Descriptor] = []
      check { () throws(StoreError) in
        guard depth < Self.indexDepthLimit else {
          throw .tooMany(what: "nested indexes", limit: Self.indexDepthLimit)
        }
        for child in try readIndexBlob(descriptor).manifests where try contains(child.digest) {
          children.append(child)
        }
      }
      for child in children {
        verify(child, image: image, depth: depth + 1, seen: &seen, problems: &problems)
      }
      return
    }
    var resolved: ResolvedImage?
    check { () throws(StoreError) in
      // What another tool has put there may be of any type.
      guard descriptor.mediaType.isManifest else { return try verifySize(of: descriptor) }
      let manifest = try readManifest(descriptor)
      let isImage =
        manifest.config.mediaType.isImageConfig && manifest.layers.allSatisfy(\.mediaType.isLayer)
        && !descriptor.isAttestation && Referrer(entry: descriptor) == nil
      if isImage {
        resolved = try resolveManifest(descriptor, root: descriptor)
      } else {
        for blob in [manifest.config] + manifest.layers { try verifySize(of: blob) }
      }
    }
    guard let resolved else { return }
    for (layer, diffID) in zip(resolved.manifest.layers, resolved.config.diffIDs) {
      check { () throws(StoreError) in try verifyLayer(layer, diffID: diffID) }
    }
  }

  private func verifySize(of blob: Descriptor) throws(StoreError) {
    guard let size = try size(of: blob.digest) else { throw .missingBlob(blob.digest) }
    guard size == blob.size else { throw .sizeMismatch(blob.digest, expected: blob.size, actual: size) }
  }

  func verifyLayer(_ layer: Descriptor, diffID expected: Digest) throws(StoreError) {
    guard let file = try blobs.openIfPresent(layer.digest.hex) else { throw .missingBlob(layer.digest) }
    let size = try Int64(file.status().st_size)
    guard size == layer.size else { throw .sizeMismatch(layer.digest, expected: layer.size, actual: size) }
    guard let compression = layer.mediaType.layerCompression else {
      throw .unsupportedLayer(layer.mediaType.rawValue)
    }
    let actual = try diffID(of: file, compression: compression, limit: .max)
    guard actual == expected else {
      throw .diffIDMismatch(layer: layer.digest.description, expected: expected, actual: actual)
    }
  }
}
