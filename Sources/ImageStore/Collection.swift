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
      // What another tool has put there is not ours to remove.
      for image in try images() where image.name == nil && image.label == nil {
        _ = try remove(image.descriptor.digest)
      }
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
}
