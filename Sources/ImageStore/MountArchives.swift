import Glibc
package import OCIModel

// Archives of cache mounts: what a store that is carried from machine to machine has in place of their folders. The
// records lie on the shelf `mounts` of the cache, the archives among the blobs.
extension OCILayoutStore {
  /// A record, and when it was written, in seconds since 1970.
  package struct StoredMountArchive: Hashable, Sendable {
    package var mount: CachedMount
    package var used: Int64
  }

  /// All that can be read, in the order of their ids and keys.
  package func mountArchives() throws(StoreError) -> [StoredMountArchive] {
    guard let folder = try existingShelf(.mounts) else { return [] }
    var result: [StoredMountArchive] = []
    for name in try folder.names() {
      guard let file = try folder.openIfPresent(name),
        let mount = CachedMount(decoding: try file.readAll(limit: 1 << 16)), mount.key.hex == name
      else { continue }
      result.append(StoredMountArchive(mount: mount, used: Int64(try file.status().st_mtim.tv_sec)))
    }
    return result.sorted { left, right in
      left.mount.id != right.mount.id
        ? left.mount.id.lexicographicallyPrecedes(right.mount.id) : left.mount.key < right.mount.key
    }
  }

  /// Writes a record, in place of one of the same key.
  package func putMountArchive(_ mount: CachedMount) throws(StoreError) {
    try putCacheRecord(.mounts, mount.key, mount.encoded())
  }

  /// Writes the records of mounts whose archives are here.
  /// - Returns: the archives that the records named before, and no longer do.
  package func replaceMountArchives(_ mounts: [CachedMount]) throws(StoreError) -> [Digest] {
    let before = try mountBlobs()
    for mount in mounts { try putMountArchive(mount) }
    return before.subtracting(try mountBlobs()).sorted()
  }

  package func removeMountArchive(_ key: Digest) throws(StoreError) {
    try removeCacheRecord(.mounts, key.hex)
  }

  /// Removes records that cannot be read.
  package func removeDamagedMountArchives() throws(StoreError) {
    let readable = Set(try mountArchives().map(\.mount.key.hex))
    for name in try existingShelf(.mounts)?.names() ?? [] where !readable.contains(name) {
      try removeCacheRecord(.mounts, name)
    }
  }

  /// The blobs that are archives of mounts.
  func mountBlobs() throws(StoreError) -> Set<Digest> { Set(try mountArchives().map(\.mount.archive.digest)) }

  /// Removes those of some blobs that neither an image nor the cache needs. To be called inside ``whileIdle(_:)``, as
  /// others may have blobs that have no name yet.
  package func removeUnneeded(_ digests: some Sequence<Digest>) throws(StoreError) {
    var needed = try imageBlobs().union(mountBlobs())
    for step in try cachedSteps() { needed.insert(step.step.layer.digest) }
    for digest in digests where !needed.contains(digest) { try blobs.remove(digest.hex) }
  }
}
