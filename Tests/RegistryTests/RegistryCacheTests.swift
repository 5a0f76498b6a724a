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

  /// A mount whose archive is in a store.
  private func mount(_ desk: Desk, _ archive: [UInt8], id: [UInt8]) throws -> CachedMount {
    let descriptor = try desk.store.put(archive, mediaType: .ociLayer)
    return CachedMount(
      key: Digest(of: id), id: id, archive: descriptor, diffID: descriptor.digest,
      root: CachedMount.Root(mode: 0o1777, uid: 1, gid: 2))
  }

  @Test("Mounts stand beside the steps, whatever bytes their ids have; without any, nothing tells of them")
  func mountRecords() throws {
    try Files.withTemporaryFolder { folder in
      let desk = try Desk(folder)
      let steps = [try step(desk, noise(10), key: "a")]
      let mounts = [
        try mount(desk, noise(10), id: Array("/root/.cache 100%\n\"é".utf8)),
        try mount(desk, noise(20), id: [0xFF, 0x00]),
      ]
      let text = CacheRecords.encode(steps, mounts: mounts)
      #expect(CacheRecords.decode(text) == steps)
      #expect(CacheRecords.decodeMounts(text) == mounts)
      #expect(!String(decoding: CacheRecords.encode(steps), as: UTF8.self).contains("mounts"))
      let written = String(decoding: text, as: UTF8.self)
      for (right, wrong) in [
        ("\"root\":\"1777 1 2\"", "\"root\":\"1778 1 2\""), ("1777 1 2", "1777 -1 2"), ("%FF%00", "%FG"),
        ("%FF%00", ""), ("%FF%00", String(repeating: "a", count: 4097)), ("1777 1 2", "10000 1 2"),
        ("1777 1 2", "1777 4294967295 2"), ("1777 1 2", "1777 1"),
      ] {
        // The last one, so that the first stays.
        let parts = written.split(separator: right, omittingEmptySubsequences: false)
        try #require(parts.count > 1)
        let damaged = parts.dropLast().joined(separator: right) + wrong + parts[parts.count - 1]
        #expect(CacheRecords.decodeMounts(Array(damaged.utf8)) == [mounts[0]], "\(wrong)")
      }
    }
  }

  @Test("Mounts go to a registry with their archives, and come back one by one, never with another archive")
  func mounts() throws {
    try Files.withTemporaryFolder { folder in
      let registry = try FaultyRegistry(folder + "/registry")
      let desk = try Desk(folder, store: "source")
      let archives = try desk.other("archives")
      let name = try desk.name(registry.authority + "/team/app:cache")
      let steps = [try step(desk, noise(5000), key: "a")]
      let mounts = [
        try mount(archives, noise(6000, seed: 2), id: [0x61]),
        try mount(archives, noise(70, seed: 3), id: [0x62]),
      ]
      try RegistryCache.export(
        steps.map(\.key), mounts: mounts, in: archives.store, of: desk.store, desk.client(), to: name
      ) { _ in }
      let other = try desk.other("other")
      let scratch = try desk.other("scratch")
      registry.forgetRequests()
      let cache = try #require(try RegistryCache(other.client(), name))
      #expect(cache.count == 1)
      #expect(try cache.mounts() == mounts)
      #expect(registry.requests.count { $0.contains("/blobs/\(mounts[0].archive.digest)") } == 0)
      let holder = try #require(try cache.archive(of: mounts[0], scratch: scratch.store))
      #expect(try holder.read(mounts[0].archive, limit: 10_000) == noise(6000, seed: 2))
      try registry.set("faults", "wrong /blobs/\(mounts[1].archive.digest) 99")
      #expect(try cache.archive(of: mounts[1], scratch: scratch.store) == nil)
      #expect(try !scratch.store.contains(mounts[1].archive.digest))
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
