import ImageStore
import OCIModel
import TestSupport
import Testing

@testable import Registry

@Suite("Caches in registries", .enabled(if: hasPython, "python3 is not installed"))
struct RegistryCacheTests {
  /// A step whose layer is in a store.
  private func step(_ desk: Desk, _ layer: [UInt8], key: String) throws -> CachedStep {
    let descriptor = try desk.store.put(layer, mediaType: .ociLayer)
    let step = CachedStep(
      key: Digest(of: Array(key.utf8)), layer: descriptor, diffID: descriptor.digest,
      created: "2023-11-14T22:13:20Z")
    try desk.store.putCachedStep(step)
    return step
  }

  @Test("Records go to text and back; what is none is passed over")
  func records() throws {
    try Files.withTemporaryFolder { folder in
      let desk = try Desk(folder)
      let steps = [try step(desk, noise(10), key: "a"), try step(desk, noise(20), key: "b")]
      let text = CacheRecords.encode(steps)
      #expect(CacheRecords.decode(text) == steps)
      let damaged = String(decoding: text, as: UTF8.self)
      #expect(
        CacheRecords.decode(Array(damaged.replacing("\"size\":10}", with: "\"size\":-1}").utf8)) == [steps[1]]
      )
      #expect(CacheRecords.decode(Array(damaged.replacing("image.layer", with: "image.nothing").utf8)) == [])
      #expect(CacheRecords.decode(Array(damaged.dropLast().utf8)) == [])
      #expect(CacheRecords.decode(Array(#"{"version":2,"steps":[]}"#.utf8)) == [])
    }
  }

  @Test("Steps go to a registry and come back one by one, never with a layer that is another")
  func transfer() throws {
    try Files.withTemporaryFolder { folder in
      let registry = try FaultyRegistry(folder + "/registry")
      let desk = try Desk(folder, store: "source")
      let name = try desk.name(registry.authority + "/team/app:cache")
      let none = try RegistryCache(desk.client(), name)
      #expect(none.map(\.count) == nil)
      let steps = [try step(desk, noise(5000), key: "a"), try step(desk, noise(6000, seed: 2), key: "b")]
      let gone = Digest(of: Array("gone".utf8))
      try RegistryCache.export(steps.map(\.key) + [gone], of: desk.store, desk.client(), to: name) { _ in }

      let other = try desk.other("other")
      registry.forgetRequests()
      let cache = try #require(try RegistryCache(other.client(), name))
      #expect(cache.count == 2)
      #expect(
        registry.requests.count { $0.contains("/blobs/\(steps[0].layer.digest)") } == 0,
        "only when it is wanted")
      #expect(try cache.bring(steps[0].key, into: other.store) == steps[0])
      #expect(try other.store.cachedStep(steps[0].key) == steps[0])
      #expect(try cache.bring(gone, into: other.store) == nil)
      try registry.set("faults", "wrong /blobs/\(steps[1].layer.digest) 99")
      #expect(try cache.bring(steps[1].key, into: other.store) == nil)
      #expect(try !other.store.contains(steps[1].layer.digest))
      #expect(try other.store.cachedStep(steps[1].key) == nil)
      #expect(try other.state.problems == [])
    }
  }

  @Test("An image carries its own steps, and none whose layers it does not have")
  func inline() throws {
    try Files.withTemporaryFolder { folder in
      let registry = try FaultyRegistry(folder + "/registry")
      let desk = try Desk(folder, store: "source")
      let steps = [try step(desk, noise(5000), key: "a"), try step(desk, noise(6000, seed: 2), key: "b")]
      let image = try desk.image([noise(5000)])
      var manifest = try desk.store.readManifest(image)
      manifest.annotations[CacheRecords.annotation] = String(
        decoding: CacheRecords.encode(steps), as: UTF8.self)
      let annotated = try desk.store.put(manifest.encoded(), mediaType: .ociManifest)
      try desk.push(annotated, registry.authority + "/team/app:1")
      let other = try desk.other("other")
      let name = try desk.name(registry.authority + "/team/app:1")
      let cache = try #require(try RegistryCache(other.client(), name))
      #expect(cache.count == 1)
      #expect(try cache.bring(steps[0].key, into: other.store) == steps[0])
      #expect(try cache.bring(steps[1].key, into: other.store) == nil)
    }
  }
}
