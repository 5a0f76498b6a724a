import ImageStore
import OCIModel
import TestSupport
import Testing

@testable import Registry

/// What refers to an image goes with it, where it is asked for: with registries that list it, and with those that do not.
@Suite("Referrers", .enabled(if: hasPython, "python3 is not installed"))
struct ReferrerTests {
  /// A signature or the like, in the store of the desk but not in its list.
  private func artifact(
    of subject: Descriptor, _ text: String, in store: OCILayoutStore,
    type: String = "application/vnd.tests.signature"
  ) throws -> Descriptor {
    let empty = try store.put(Array("{}".utf8), mediaType: .ociEmpty)
    let layer = try store.put(Array(text.utf8), mediaType: "text/plain")
    let manifest = ImageManifest(
      config: empty, layers: [layer], annotations: ["of": text], artifactType: type, subject: subject.bare)
    return try store.put(manifest.encoded(), mediaType: .ociManifest)
  }

  private func listed(_ manifest: Descriptor, in store: OCILayoutStore) throws -> Referrer {
    try #require(try Referrer(manifest, content: store.read(manifest, limit: 1 << 20)))
  }

  private func push(_ desk: Desk, _ image: Descriptor, _ name: String, withReferrers: Bool = true) throws {
    _ = try ImagePush(desk.client(), store: desk.store, withReferrers: withReferrers) { _ in }
      .push(image, as: desk.name(name))
  }

  private func pull(_ desk: Desk, _ name: String, _ platforms: ImagePull.Platforms = .one(nil)) throws
    -> Descriptor
  {
    try ImagePull(desk.client(), store: desk.store, withReferrers: true) { _ in }.pull(
      desk.name(name), platforms)
  }

  @Test(
    "A signature of an image, and one of that, go through a registry; a list of pages and a tag do the same",
    arguments: ["api", ""])
  func roundTrip(_ kind: String) throws {
    try Files.withTemporaryFolder { folder in
      let registry = try FaultyRegistry(folder + "/registry")
      try registry.set("referrers", kind)
      let source = try Desk(folder, store: "source")
      let image = try source.image([noise(3000)])
      let first = try artifact(of: image, "first", in: source.store)
      let second = try artifact(of: image, "second", in: source.store)
      let ofFirst = try artifact(of: first, "of first", in: source.store)
      try source.store.add([first, second, ofFirst].map { try listed($0, in: source.store) })
      let name = registry.authority + "/team/app:1"
      try push(source, image, name)

      let tag = image.digest.description.replacing(":", with: "-")
      let tagged = registry.requests.contains { $0.hasPrefix("PUT /v2/team/app/manifests/\(tag) ") }
      #expect(tagged == (kind == ""))
      let desk = try source.other("store")
      #expect(try pull(desk, name).digest == image.digest)
      let found = try desk.store.referrers(toAllOf: image)
      #expect(Set(found.map(\.descriptor.digest)) == [first.digest, second.digest, ofFirst.digest])
      #expect(found.allSatisfy { $0.descriptor.artifactType == "application/vnd.tests.signature" })
      #expect(try desk.state.problems == [] && desk.state.images == 1, "what refers to an image is none")
      // Pushed once more, the list stays as it is.
      registry.forgetRequests()
      try push(desk, image, name)
      #expect(registry.requests.count { $0.hasPrefix("PUT /v2/team/app/manifests/sha256-") } == 0)
    }
  }

  @Test("Without being asked for, nothing of it goes or comes")
  func notAsked() throws {
    try Files.withTemporaryFolder { folder in
      let registry = try FaultyRegistry(folder + "/registry")
      let source = try Desk(folder, store: "source")
      let image = try source.image([noise(3000)])
      let signature = try artifact(of: image, "first", in: source.store)
      try source.store.add([listed(signature, in: source.store)])
      try push(source, image, registry.authority + "/app:1", withReferrers: false)
      #expect(registry.requests.count { $0.hasPrefix("PUT") && $0.contains("/manifests/") } == 1)
      try push(source, image, registry.authority + "/app:1")
      registry.forgetRequests()
      let desk = try source.other("store")
      try desk.pull(registry.authority + "/app:1")
      #expect(try desk.store.referrers(toAllOf: image) == [])
      #expect(registry.requests.allSatisfy { !$0.contains("referrers") && !$0.contains("sha256-") })
    }
  }

  @Test("What refers to the image of one platform comes with that, and what refers to the index too")
  func platforms() throws {
    try Files.withTemporaryFolder { folder in
      let registry = try FaultyRegistry(folder + "/registry")
      let source = try Desk(folder, store: "source")
      let (one, two) = (try source.image([noise(1000)]), try source.image([noise(900)], platform: "s390x"))
      let index = try source.index([one, two])
      let signatures = try [one, two, index].map { try artifact(of: $0, "of \($0.digest)", in: source.store) }
      try source.store.add(signatures.map { try listed($0, in: source.store) })
      let name = registry.authority + "/app:1"
      try push(source, index, name)
      let desk = try source.other("store")
      _ = try pull(desk, name, .one(Platform(os: "linux", architecture: "s390x")))
      #expect(
        try Set(desk.store.referrers(toAllOf: index).map(\.descriptor.digest))
          == [signatures[1].digest, signatures[2].digest])
      #expect(try desk.state.problems == [])
    }
  }

  @Test("A list that names what refers to something else, or is no list, brings nothing in")
  func lies() throws {
    try Files.withTemporaryFolder { folder in
      let registry = try FaultyRegistry(folder + "/registry")
      let source = try Desk(folder, store: "source")
      let (image, other) = (try source.image([noise(1000)]), try source.image([noise(2000)]))
      let signature = try artifact(of: other, "of another one", in: source.store)
      try source.push(image, registry.authority + "/app:1")
      try source.push(signature, registry.authority + "/app:signature")
      // Under the tag of the image, an index with the signature of another one.
      let index = try source.index([signature])
      let tag = image.digest.description.replacing(":", with: "-")
      try source.push(index, "\(registry.authority)/app:\(tag)", .all)
      let desk = try source.other("store")
      _ = try pull(desk, registry.authority + "/app:1")
      #expect(try desk.store.referrers(toAllOf: image) == [])
      #expect(try desk.state.problems == [])
    }
  }

  /// As cosign writes one: the configuration of an image, a layer that is none, and no word of what it is about.
  private func cosigned(_ text: String, in store: OCILayoutStore) throws -> Descriptor {
    let layer = try store.put(Array(text.utf8), mediaType: "application/vnd.dev.cosign.simplesigning.v1+json")
    let config = try store.put(
      Array(
        #"{"architecture":"","os":"","config":{},"rootfs":{"type":"layers","diff_ids":["\#(layer.digest)"]}}"#
          .utf8),
      mediaType: .ociConfig)
    return try store.put(ImageManifest(config: config, layers: [layer]).encoded(), mediaType: .ociManifest)
  }

  @Test(
    "What cosign has put under tags of an image comes with it, goes under these tags, and through layouts and archives",
    arguments: ["api", ""])
  func tags(_ kind: String) throws {
    try Files.withTemporaryFolder { folder in
      let registry = try FaultyRegistry(folder + "/registry")
      try registry.set("referrers", kind)
      let source = try Desk(folder, store: "source")
      let (image, other) = (
        try source.image([noise(1000)]), try source.image([noise(900)], platform: "s390x")
      )
      let index = try source.index([image, other])
      let name = registry.authority + "/team/app"
      try source.push(index, name + ":1", .all)
      // The index, one of its images and a signature are signed; so is something that is not there.
      let stranger = Digest(of: [1])
      let signature = try cosigned("of the index", in: source.store)
      var expected: [String: Digest] = [:]
      for (subject, ending, text) in [
        (index.digest, "sig", "of the index"), (image.digest, "att", "of the image"),
        (signature.digest, "sig", "of the signature"), (image.digest, "sbom", "parts"),
      ] {
        let manifest = try cosigned(text, in: source.store)
        let tag = "sha256-\(subject.hex).\(ending)"
        expected[tag] = manifest.digest
        try source.push(manifest, "\(name):\(tag)")
      }
      try source.push(cosigned("of nothing", in: source.store), "\(name):sha256-\(stranger.hex).sig")

      func tags(_ store: OCILayoutStore) throws -> [String: Digest] {
        let found = try store.referrers(toAllOf: index)
        return Dictionary(uniqueKeysWithValues: found.map { ($0.tag ?? "", $0.descriptor.digest) })
      }
      let desk = try source.other("store")
      #expect(try pull(desk, name + ":1", .all).digest == index.digest)
      #expect(try tags(desk.store) == expected)
      #expect(try desk.state.problems == [] && desk.state.images == 1, "they are no images")

      try push(desk, index, registry.authority + "/other/app:1")
      for tag in expected.keys {
        #expect(registry.requests.contains { $0.hasPrefix("PUT /v2/other/app/manifests/\(tag) ") }, "\(tag)")
      }
      try ArchiveExport(
        store: desk.store, image: index, names: [desk.name("app:1")], withReferrers: true
      ).writeTar(to: Array("\(folder)/a.tar".utf8))
      let loaded = try desk.other("loaded")
      #expect(try loaded.store.load(Array("\(folder)/a.tar".utf8)).map(\.descriptor.digest) == [index.digest])
      #expect(try tags(loaded.store) == expected)
      #expect(try loaded.state.problems == [] && loaded.state.images == 1)
    }
  }

  @Test("What refers to an image goes when the image goes, and not before")
  func collection() throws {
    try Files.withTemporaryFolder { folder in
      let (image, signature): (Descriptor, Descriptor)
      do {
        let desk = try Desk(folder)
        image = try desk.image([noise(1000)], name: "app:1")
        signature = try artifact(of: image, "first", in: desk.store)
        try desk.store.add([listed(signature, in: desk.store)])
      }
      let desk = try Desk(folder)
      #expect(try desk.store.collectGarbage().digests == [])
      #expect(try desk.store.referrers(to: [image.digest]).map(\.descriptor.digest) == [signature.digest])
      _ = try desk.store.remove(image.digest)
      let gone = try desk.store.collectGarbage().digests
      #expect(gone.contains(signature.digest) && gone.contains(image.digest))
      #expect(try desk.store.readIndex().manifests == [])
    }
  }

  @Test("Layouts and archives carry it, in the way of other tools, and give it back")
  func layouts() throws {
    try Files.withTemporaryFolder { folder in
      let desk = try Desk(folder)
      let image = try desk.image([noise(1000)], name: "app:1")
      let signature = try artifact(of: image, "first", in: desk.store)
      try desk.store.add([listed(signature, in: desk.store)])
      for (path, withReferrers) in [("with", true), ("without", false)] {
        let export = try ArchiveExport(
          store: desk.store, image: image, names: [desk.name("app:1")], withReferrers: withReferrers)
        try export.writeFolder(to: Array("\(folder)/\(path)".utf8))
        try export.writeTar(to: Array("\(folder)/\(path).tar".utf8))
        let text = String(decoding: try Files.read("\(folder)/\(path)/index.json"), as: UTF8.self)
        #expect(text.contains(signature.digest.description) == withReferrers)
        #expect(!text.contains("vnd.slipway"))
        for place in [path, path + ".tar"] {
          let other = try desk.other("store-" + place)
          let loaded = try other.store.load(Array("\(folder)/\(place)".utf8))
          #expect(loaded.map(\.descriptor.digest) == [image.digest])
          let found = try other.store.referrers(toAllOf: image)
          #expect(found.map(\.descriptor.digest) == (withReferrers ? [signature.digest] : []))
          #expect(try other.state.problems == [] && other.state.images == 1)
        }
      }
    }
  }

  @Test("BuildKit's attestations are parts of their index, and go and come with it")
  func attestations() throws {
    try Files.withTemporaryFolder { folder in
      let registry = try FaultyRegistry(folder + "/registry")
      let source = try Desk(folder, store: "source")
      let image = try source.image([noise(1000)])
      let statement = try source.store.put(
        Array(#"{"_type":"https://in-toto.io/Statement/v0.1"}"#.utf8),
        mediaType: "application/vnd.in-toto+json")
      let config = try source.store.put(
        Array(
          #"{"architecture":"unknown","os":"unknown","config":{},"rootfs":{"type":"layers","diff_ids":["\#(statement.digest)"]}}"#
            .utf8),
        mediaType: .ociConfig)
      var attestation = try source.store.put(
        ImageManifest(config: config, layers: [statement]).encoded(), mediaType: .ociManifest)
      attestation.platform = Platform(os: "unknown", architecture: "unknown")
      attestation.annotations = [
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": image.digest.description,
      ]
      let index = try source.index([image, attestation])
      try source.push(index, registry.authority + "/app:1")
      let desk = try source.other("store")
      #expect(try desk.pull(registry.authority + "/app:1", .all).digest == index.digest)
      #expect(try desk.store.contains(attestation.digest) && desk.store.contains(statement.digest))
      #expect(try desk.state.problems == [])
      try desk.push(index, registry.authority + "/again:1", .all)
      try ArchiveExport(store: desk.store, image: index, names: []).writeTar(
        to: Array("\(folder)/a.tar".utf8))
      let other = try desk.other("other")
      #expect(try other.store.load(Array("\(folder)/a.tar".utf8)).map(\.descriptor.digest) == [index.digest])
      #expect(try other.store.contains(statement.digest))
    }
  }
}
