package import OCIModel

/// What a collection freed.
package struct CollectedGarbage: Hashable, Sendable {
  /// Sorted.
  package var digests: [Digest] = []
  /// Bytes of all of them.
  package var size: Int64 = 0
}

extension OCILayoutStore {
  /// Removes the blobs that neither a listed image nor the build cache needs, and, if asked, first the images
  /// without a name.
  ///
  /// - Parameter kept: blobs that stay whatever the list says.
  /// - Throws: `busy` if anybody is writing, this store included: then blobs exist that have no name yet.
  package func collectGarbage(
    keeping kept: Set<Digest> = [], removingNameless: Bool = false
  ) throws(StoreError) -> CollectedGarbage {
    let lock = try lockForCollection()
    defer { lock.release() }
    if removingNameless {
      for image in try images() where image.name == nil { _ = try remove(image.descriptor.digest) }
    }
    try removeLonelyReferrers()
    var reachable = kept.union(try imageBlobs()).union(try mountBlobs())
    for step in try cachedSteps() { reachable.insert(step.step.layer.digest) }
    return try collect(except: reachable, isDryRun: false)
  }

  /// Keeps everybody else from writing, as long as the lock is held.
  func lockForCollection() throws(StoreError) -> Lock {
    guard !hasSession, let lock = try Lock.attempt(Session.collectionLockName, in: root) else { throw .busy }
    return lock
  }

  /// All blobs that listed images, and what refers to them, consist of.
  func imageBlobs() throws(StoreError) -> Set<Digest> {
    var reachable: Set<Digest> = []
    let entries = try readIndex().manifests
    for entry in entries where Referrer(entry: entry) == nil { try mark(entry, depth: 0, in: &reachable) }
    for referrer in Referrer.closure(of: reachable, in: entries.compactMap(Referrer.init(entry:))) {
      try mark(referrer.descriptor, depth: 0, in: &reachable)
    }
    return reachable
  }

  /// All blobs that one image consists of.
  func imageBlobs(of image: Descriptor) throws(StoreError) -> Set<Digest> {
    var reachable: Set<Digest> = []
    try mark(image, depth: 0, in: &reachable)
    return reachable
  }

  /// Removes blobs, or tells which would be removed.
  func collect(except reachable: Set<Digest>, isDryRun: Bool) throws(StoreError) -> CollectedGarbage {
    var collected = CollectedGarbage()
    for name in try blobs.names() {
      guard let digest = try? Digest(hex: name[...]), !reachable.contains(digest) else { continue }
      collected.size += try size(of: digest) ?? 0
      if !isDryRun { try blobs.remove(name) }
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
