import OCIModel
import Testing

@testable import ImageStore

@Suite("Records of cache mounts that a cache carries")
struct MountArchiveTests {
  private func mount(_ id: [UInt8], in store: OCILayoutStore, _ archive: [UInt8]) throws -> CachedMount {
    let blob = try store.put(archive, mediaType: .ociLayerZstd)
    return CachedMount(
      key: Digest(of: id), id: id, archive: blob, diffID: Digest(of: [1]),
      root: CachedMount.Root(mode: 0o2755, uid: 7, gid: 8))
  }

  @Test("A record goes to text and back, whatever bytes the id has; half a record is none")
  func records() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let store = try scratch.store()
    for id in ["go", "/root/.npm", "100% a\nb", "é\u{0}"].map({ Array($0.utf8) }) + [[0xFF]] {
      let mount = try mount(id, in: store, [1])
      let record = mount.encoded()
      #expect(CachedMount(decoding: record) == mount)
      #expect(record.allSatisfy { $0 == 0x0A || (0x20...0x7E).contains($0) })
      #expect(record.indices.allSatisfy { CachedMount(decoding: Array(record.prefix($0))) == nil })
      var other = record
      other[40] ^= 1
      #expect(CachedMount(decoding: other) == nil)
    }
  }

  @Test("A new record replaces that of its key, and says which archives nobody needs any more")
  func replaced() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let (first, second, kept): (CachedMount, CachedMount, CachedMount)
    do {
      let store = try scratch.store()
      (first, second) = (try mount([1], in: store, [10]), try mount([1], in: store, [20]))
      kept = try mount([2], in: store, [30])
      #expect(try store.replaceMountArchives([first, kept]) == [])
      #expect(try store.replaceMountArchives([second]) == [first.archive.digest])
      #expect(try store.mounts() == [second, kept])
      #expect(throws: StoreError.busy) { try store.whileIdle {} }
    }
    let store = try scratch.store()
    let garbage = [first.archive.digest, kept.archive.digest]
    try store.whileIdle { () throws(StoreError) in try store.removeUnneeded(garbage) }
    #expect(try !store.contains(first.archive.digest))
    #expect(try store.contains(kept.archive.digest) && store.contains(second.archive.digest))
    #expect(try store.collectGarbage().digests == [])
    // Another store takes it only if it is what its digest says.
    #expect(try store.archive(of: second, scratch: store) != nil)
    #expect(try store.archive(of: first, scratch: store) == nil)
  }

  @Test("What cannot be read counts as missing, and goes when mounts are pruned")
  func damaged() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let store = try scratch.store()
    let whole = try mount([1], in: store, [10])
    try store.putMountArchive(whole)
    try store.putCacheRecord(.mounts, Digest(of: [9]), Array("nothing".utf8))
    // A record under the name of another one.
    try store.putCacheRecord(.mounts, Digest(of: [8]), whole.encoded())
    #expect(try store.mounts() == [whole])
    try store.removeDamagedMountArchives()
    #expect(try store.cacheRecord(.mounts, Digest(of: [9])) == nil)
    #expect(try store.cacheRecord(.mounts, Digest(of: [8])) == nil)
    #expect(try store.mounts() == [whole])
  }
}
