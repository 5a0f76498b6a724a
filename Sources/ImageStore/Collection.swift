package import OCIModel

/// What a collection freed.
package struct CollectedGarbage: Hashable, Sendable {
  /// Sorted.
  package var digests: [Digest] = []
  /// Bytes of all of them.
  package var size: Int64 = 0
}

extension OCILayoutStore {
  /// Removes the blobs that no listed image needs, and, if asked, first the images without a name.
  ///
  /// - Parameter kept: blobs that stay whatever the list says, such as those of a build cache.
  /// - Throws: `busy` if anybody is writing, this store included: then blobs exist that have no name yet.
  package func collectGarbage(
    keeping kept: Set<Digest> = [], removingNameless: Bool = false
  ) throws(StoreError) -> CollectedGarbage {
    guard !hasSession, let lock = try Lock.attempt(Session.collectionLockName, in: root) else { throw .busy }
    defer { lock.release() }
    if removingNameless {
      for image in try images() where image.name == nil { _ = try remove(image.descriptor.digest) }
    }
    var reachable = kept
    for entry in try readIndex().manifests { try mark(entry, depth: 0, in: &reachable) }
    var collected = CollectedGarbage()
    for name in try blobs.names() {
      guard let digest = try? Digest(hex: name[...]), !reachable.contains(digest) else { continue }
      collected.size += try size(of: digest) ?? 0
      try blobs.remove(name)
      collected.digests.append(digest)
    }
    return collected
  }

  /// A document that cannot be read stops the collection: what it refers to is not known.
  private func mark(_ descriptor: Descriptor, depth: Int, in reachable: inout Set<Digest>) throws(StoreError)
  {
    guard depth < Self.indexDepthLimit else {
      throw .tooMany(what: "nested indexes", limit: Self.indexDepthLimit)
    }
    reachable.insert(descriptor.digest)
    guard try contains(descriptor.digest) else { return }
    if descriptor.mediaType.isIndex {
      for child in try readIndexBlob(descriptor).manifests {
        try mark(child, depth: depth + 1, in: &reachable)
      }
    } else if descriptor.mediaType.isManifest {
      let manifest = try readManifest(descriptor)
      for blob in [manifest.config] + manifest.layers { reachable.insert(blob.digest) }
    }
  }
}
