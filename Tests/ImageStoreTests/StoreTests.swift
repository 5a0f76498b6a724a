import ContentHash
import Glibc
import OCIModel
import Testing

@testable import ImageStore

@Suite("The store")
struct StoreTests {
  @Test("is where the option says, else the environment, else the home")
  func location() {
    func root(_ option: String?, _ own: String?, _ data: String?, _ home: String?) -> String? {
      storeRoot(
        option: option.map { Array($0.utf8) }, slipwayRoot: own.map { Array($0.utf8) },
        dataHome: data.map { Array($0.utf8) }, home: home.map { Array($0.utf8) }
      ).map { text($0) }
    }
    #expect(root("a", "/b", "/c", "/d") == "a")
    #expect(root(nil, "/b", "/c", "/d") == "/b")
    #expect(root("", "", "/c", "/d") == "/c/slipway")
    #expect(root(nil, nil, "relative", "/d") == "/d/.local/share/slipway")
    #expect(root(nil, nil, nil, nil) == nil)
  }

  @Test("is an OCI image layout that only its owner can enter")
  func layout() throws {
    let scratch = try Scratch()
    _ = try scratch.store("a/b/store")
    #expect(text(try scratch.read("a/b/store/oci-layout")) == #"{"imageLayoutVersion":"1.0.0"}"#)
    #expect(try ImageIndex(decoding: scratch.read("a/b/store/index.json")).manifests.isEmpty)
    var status = stat()
    #expect(unsafe stat(scratch.name("a/b/store"), &status) == 0)
    #expect(status.st_mode & 0o777 == 0o700)
  }

  @Test("keeps a blob under its digest and reads it back")
  func blobs() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let store = try scratch.store()
    let descriptor = try store.put(Array("abc".utf8), mediaType: "text/plain")
    #expect(descriptor.digest.hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(descriptor.size == 3)
    #expect(try store.contains(descriptor.digest))
    #expect(text(try store.read(descriptor, limit: 3)) == "abc")
    #expect(throws: StoreError.tooLarge(what: descriptor.digest.description, limit: 2)) {
      try store.read(descriptor, limit: 2)
    }
    let absent = Digest(of: [1])
    #expect(throws: StoreError.missingBlob(absent)) {
      try store.read(Descriptor(mediaType: "x", digest: absent, size: 1), limit: 9)
    }
  }

  @Test("takes no blob that is not what was expected, and keeps no rest of it")
  func expectations() throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let right = Digest(of: Array("abc".utf8))
    let wrong = Digest(of: [])
    #expect(throws: StoreError.digestMismatch(expected: wrong, actual: right)) {
      var writer = try store.makeBlob()
      try writer.write(Array("abc".utf8))
      _ = try writer.finish(expecting: (wrong, 3))
    }
    #expect(throws: StoreError.sizeMismatch(right, expected: 4, actual: 3)) {
      var writer = try store.makeBlob()
      try writer.write(Array("abc".utf8))
      _ = try writer.finish(expecting: (right, 4))
    }
    #expect(throws: StoreError.tooLarge(what: "blob", limit: 5)) {
      var writer = try store.makeBlob(limit: 5)
      try writer.write(Array("abc".utf8))
      try writer.write(Array("abc".utf8))
    }
    #expect(try store.blobs.names().isEmpty)
    #expect(try store.openSession().folder.names().isEmpty)
  }

  @Test("I10: finds a damaged, a short and a long blob while reading")
  func damage() throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let descriptor = try store.put(Array("content".utf8), mediaType: "x")
    let name = "store/blobs/sha256/\(descriptor.digest.hex)"
    for (content, error) in [
      (
        "kontent",
        StoreError.digestMismatch(expected: descriptor.digest, actual: Digest(of: Array("kontent".utf8)))
      ),
      ("conten", .sizeMismatch(descriptor.digest, expected: 7, actual: 6)),
      ("content!", .sizeMismatch(descriptor.digest, expected: 7, actual: 8)),
    ] {
      try scratch.write("blob", Array(content.utf8))
      try scratch.move(scratch.name("blob"), scratch.name(name))
      #expect(throws: error) { try store.read(descriptor, limit: 100) }
    }
    #expect(try store.verify().map(\.error).count == 1)
    // Writing the same content again mends it.
    _ = try store.put(Array("content".utf8), mediaType: "x")
    #expect(try store.verify().isEmpty)
  }

  @Test("removes what a dead process left, and nothing of a living one")
  func sweep() throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    _ = try store.makeTemporaryFolder()
    try run(["mkdir", "-p", scratch.name("store/tmp/1-0/deep/er")])
    try run(["touch", scratch.name("store/tmp/1-0/deep/er/file")])
    try run(["ln", "-s", "/etc", scratch.name("store/tmp/1-0/deep/link")])
    try run(["chmod", "0", scratch.name("store/tmp/1-0/deep/er")])
    let other = try scratch.store()
    #expect(try other.root.folder("tmp").names() == ["\(getpid())-0"])
    #expect(unsafe access("/etc/passwd", F_OK) == 0)
    _ = store
  }

  @Test("of another layout version is refused")
  func version() throws {
    let scratch = try Scratch()
    _ = try scratch.store()
    try scratch.write("new", Array(#"{"imageLayoutVersion":"2.0.0"}"#.utf8))
    try scratch.move(scratch.name("new"), scratch.name("store/oci-layout"))
    #expect(throws: StoreError.unsupportedLayoutVersion("2.0.0")) { try scratch.store() }
  }
}

@Suite("Names and images")
struct NameTests {
  @Test("names are listed sorted; a displaced image stays without a name")
  func tags() throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let (one, two) = (try TinyImage(in: store, files: ["1"]), try TinyImage(in: store, files: ["2"]))
    try store.tag(reference("b:1"), one.descriptor)
    try store.tag(reference("example.org/a"), one.descriptor)
    #expect(
      try store.images().map { $0.name?.fullName } == ["docker.io/library/b:1", "example.org/a:latest"])
    try store.tag(reference("b:1"), two.descriptor)
    try store.tag(reference("example.org/a"), two.descriptor)
    let images = try store.images()
    #expect(images.map { $0.name?.familiarName } == ["b:1", "example.org/a:latest", nil])
    #expect(images.map(\.descriptor.digest) == [two, two, one].map(\.descriptor.digest))
    let entry = try store.readIndex().manifests[0]
    #expect(entry.annotations[AnnotationKey.referenceName] == "b:1")
    #expect(entry.annotations[AnnotationKey.containerdImageName] == "docker.io/library/b:1")

    #expect(try store.untag(reference("b:1"))?.digest == two.descriptor.digest)
    #expect(try store.untag(reference("b:1")) == nil)
    #expect(try store.remove(two.descriptor.digest) == [reference("example.org/a")])
    try store.tag(reference("again"), one.descriptor)
    #expect(try store.images().map { $0.name?.familiarName } == ["again:latest"])
  }

  @Test("an image is found by name, by digest, and by both")
  func resolve() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let store = try scratch.store()
    let image = try TinyImage(in: store, files: ["a", "b"])
    try store.tag(reference("app:1"), image.descriptor)
    let digest = image.descriptor.digest
    for name in ["app:1", "app@\(digest)", "app:9@\(digest)", "example.org/other@\(digest)"] {
      let resolved = try store.resolve(reference(name), platform: nil)
      #expect(resolved.descriptor.digest == digest)
      #expect(resolved.manifest == image.manifest)
      #expect(resolved.config == image.config)
    }
    #expect(throws: StoreError.noSuchImage(try reference("app:2"))) {
      try store.resolve(reference("app:2"), platform: nil)
    }
  }

  @Test("an index leads to the platform, and says which ones there are")
  func platforms() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let store = try scratch.store()
    var children: [Descriptor] = []
    for name in [
      "linux/arm/v6", "linux/s390x", "linux/amd64", "windows(10.0.1.7)/386", "windows(10.0.2.9)/386",
    ] {
      let platform = try Platform(parsing: name)
      var child = try TinyImage(in: store, files: [name], platform: platform).descriptor
      child.platform = platform
      children.append(child)
    }
    var attestation = children[0]
    attestation.platform = Platform(os: "unknown", architecture: "unknown")
    let absent = Descriptor(
      mediaType: .ociManifest, digest: Digest(of: [9]), size: 1,
      platform: try Platform(parsing: "linux/ppc64le"))
    let index = try store.put(
      ImageIndex(manifests: children + [attestation, absent]).encoded(), mediaType: .ociIndex)
    try store.tag(reference("multi"), index)
    func digest(_ platform: String) throws -> Digest {
      let resolved = try store.resolve(reference("multi"), platform: Platform(parsing: platform))
      #expect(resolved.root == index)
      return resolved.descriptor.digest
    }
    #expect(try digest("linux/amd64") == children[2].digest)
    #expect(try digest("linux/amd64/v3") == children[2].digest)
    #expect(try digest("linux/arm/v7") == children[0].digest)
    #expect(try digest("windows/386") == children[3].digest)
    #expect(try digest("windows(10.0.2)/386") == children[4].digest)
    #expect(throws: StoreError.self) { try digest("windows(10.0.3)/386") }
    let available = try [
      "linux/amd64", "linux/arm/v6", "linux/s390x", "windows(10.0.1.7)/386", "windows(10.0.2.9)/386",
    ].map { try Platform(parsing: $0) }
    let wanted = try Platform(parsing: "linux/ppc64le")
    #expect(throws: StoreError.noSuchPlatform(wanted: wanted, available: available)) {
      try store.resolve(reference("multi"), platform: wanted)
    }
    let byDigest = try store.resolve(reference("x@\(children[1].digest)"), platform: nil)
    #expect(byDigest.config.platform.architecture == "s390x")
  }

  @Test("what is no image says so")
  func notAnImage() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let store = try scratch.store()
    let config = try store.put([0x7B, 0x7D], mediaType: .ociEmpty)
    let artifact = try store.put(
      ImageManifest(config: config, layers: []).encoded(), mediaType: .ociManifest)
    #expect(throws: StoreError.notAnImage(.ociEmpty)) { try store.resolve(artifact, platform: nil) }
    let image = try TinyImage(in: store)
    let bad = try store.put(
      ImageManifest(config: image.manifest.config, layers: []).encoded(), mediaType: .ociManifest)
    #expect(throws: StoreError.layerCountMismatch(bad.digest, layers: 0, diffIDs: 1)) {
      try store.resolve(bad, platform: nil)
    }
  }

  @Test("many threads with stores of their own that tag at once lose nothing")
  func concurrency() async throws {
    let scratch = try Scratch()
    let image = try TinyImage(in: scratch.store())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for thread in 0..<8 {
        group.addTask {
          let store = try scratch.store()
          for count in 0..<10 {
            _ = try store.put(Array("\(thread) \(count)".utf8), mediaType: "x")
            try store.tag(reference("app:\(thread)-\(count)"), image.descriptor)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try scratch.store().images().count == 80)
    #expect(try scratch.store().verify().isEmpty)
  }

  @Test("verification finds what is missing and a layer that is not what the configuration says")
  func verification() throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let image = try TinyImage(in: store, files: ["a", "b"])
    try store.tag(reference("app"), image.descriptor)
    #expect(try store.verify().isEmpty)
    let swapped = ImageManifest(config: image.manifest.config, layers: image.manifest.layers.reversed())
    let bad = try store.put(swapped.encoded(), mediaType: .ociManifest)
    try store.tag(reference("bad"), bad)
    let problems = try store.verify()
    #expect(problems.count == 2)
    #expect(problems.allSatisfy { $0.image == bad.digest })
    let lost = image.manifest.layers[0].digest
    try store.blobs.remove(lost.hex)
    #expect(try store.verify().map(\.error).contains(.missingBlob(lost)))
  }

  @Test("collection removes what no image needs, and waits for nobody who writes")
  func collection() throws {
    let scratch = try Scratch()
    var writing: OCILayoutStore? = try scratch.store()
    let (image, other) = try {
      let store = try #require(writing)
      return (try TinyImage(in: store), try TinyImage(in: store, files: ["other"]))
    }()
    let kept = try #require(try writing?.put([1, 2, 3], mediaType: "x"))
    try writing?.tag(reference("app"), image.descriptor)
    try writing?.add(other.descriptor, names: [])
    let store = try scratch.store()
    #expect(throws: StoreError.busy) { try store.collectGarbage() }
    writing = nil
    #expect(try store.collectGarbage(keeping: [kept.digest]).digests.isEmpty)
    let collected = try store.collectGarbage(removingNameless: true)
    #expect(collected.digests.count == 4)
    #expect(try store.images().count == 1)
    #expect(try store.verify().isEmpty)
  }
}
