import OCIModel

/// What is to go from the build cache.
package struct CachePruning: Sendable {
  /// Whether steps go whose layers are part of an image, too.
  package var includesUsed = false
  /// Only steps that were not used since this time go; in seconds since 1970.
  package var unusedSince: Int64?
  /// Bytes that the cache may keep: those used longest ago go first, and no more than necessary. nil is none.
  package var keptSize: Int64?
  /// Whether nothing is removed.
  package var isDryRun = false

  package init() {}
}

/// What has gone, or would have.
package struct PrunedCache: Hashable, Sendable {
  /// Those used longest ago first.
  package var steps: [CachedStep] = []
  package var blobs = CollectedGarbage()
}

extension OCILayoutStore {
  /// Removes steps from the build cache, and then the blobs that neither an image nor a step or mount of the cache needs.
  ///
  /// - Throws: `busy` while somebody builds or writes otherwise.
  package func pruneCache(_ pruning: CachePruning) throws(StoreError) -> PrunedCache {
    let lock = try lockForCollection()
    defer { lock.release() }
    if !pruning.isDryRun { try removeLonelyReferrers() }
    let images = try imageBlobs()
    let steps = try cachedSteps().sorted { ($0.used, $0.name) < ($1.used, $1.name) }
    // A layer that an image has takes no room on account of the cache.
    var uses: [Digest: Int] = [:]
    for step in steps { uses[step.step.layer.digest, default: 0] += 1 }
    var size: Int64 = 0
    for layer in Set(steps.map(\.step.layer)) where !images.contains(layer.digest) { size += layer.size }

    var result = PrunedCache()
    var kept = images.union(try mountBlobs())
    for stored in steps {
      let layer = stored.step.layer
      let isUsed = images.contains(layer.digest)
      var goes = pruning.includesUsed || !isUsed
      if let time = pruning.unusedSince, stored.used >= time { goes = false }
      if let keptSize = pruning.keptSize, size <= keptSize { goes = false }
      guard goes else {
        kept.insert(layer.digest)
        continue
      }
      result.steps.append(stored.step)
      uses[layer.digest, default: 0] -= 1
      if uses[layer.digest] == 0, !isUsed { size -= layer.size }
    }
    if !pruning.isDryRun {
      let readable = Set(steps.map(\.name))
      let gone = result.steps.map(\.key.hex)
      for name in try gone + cachedStepNames().filter({ !readable.contains($0) }) {
        try removeCacheRecord(.steps, name)
      }
      // Nobody builds now, so nobody holds one.
      try clear(.locks)
      if pruning.includesUsed, pruning.unusedSince == nil, pruning.keptSize == nil {
        try clear(.reasons)
        try clear(.files)
      }
    }
    result.blobs = try collect(except: kept, isDryRun: pruning.isDryRun)
    return result
  }
}
