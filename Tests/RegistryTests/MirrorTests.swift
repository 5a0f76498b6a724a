import ImageStore
import OCIModel
import Synchronization
import TestSupport
import Testing

@testable import Registry

/// Mirrors are asked before the registry that a name says; what is wrong with one of them is told, and the next is asked.
@Suite("Mirrors")
struct MirrorTests {
  @Test(
    "A mirror is written as HOST=URL; without a host it is docker.io's, without a scheme https",
    arguments: [
      ("https://m.example.com", "docker.io m.example.com"),
      ("m.example.com:5000", "docker.io m.example.com:5000"),
      ("m.example.com/a/b/", "docker.io m.example.com a/b"),
      ("index.docker.io=m.example.com", "docker.io m.example.com"),
      ("r.example.com:5000=http://localhost:1", "r.example.com:5000 localhost:1 plain"),
    ])
  func parsing(_ text: String, _ expected: String) throws {
    let mirror = try RegistryMirror(parsing: text)
    let found = [mirror.domain, mirror.authority, mirror.prefix, mirror.isPlain ? "plain" : ""]
    #expect(found.filter { !$0.isEmpty }.joined(separator: " ") == expected)
  }

  @Test(
    "What would be another address than was written is none",
    arguments: [
      "", "https://", "ftp://m.example.com", "https://me:word@m.example.com", "https://m.example.com/?x=y",
      "https://m.example.com/UPPER", "https://m.example.com/a b", "nodot=https://m.example.com",
      "=m.example.com",
      "https://m.example.com/..",
    ])
  func refused(_ text: String) { #expect(throws: MirrorError.self) { try RegistryMirror(parsing: text) } }

  @Test("docker's daemon.json has mirrors of docker.io")
  func daemonFile() throws {
    try Files.withTemporaryFolder { (folder) throws in
      let path = folder + "/daemon.json"
      #expect(try RegistryMirror.read(daemonFile: path) == nil)
      func read(_ text: String) throws -> [RegistryMirror]? {
        try Files.write(Array(text.utf8), to: path)
        return try RegistryMirror.read(daemonFile: path)
      }
      #expect(try read("{\"debug\": true}") == [])
      #expect(
        try read(#"{"registry-mirrors": ["https://a.example.com/", "https://b.example.com"]}"#)?.map(
          \.authority)
          == ["a.example.com", "b.example.com"])
      for text in [
        "{", #"{"registry-mirrors": "https://a.example.com"}"#, #"{"registry-mirrors": [1]}"#,
        #"{"registry-mirrors": ["r.example.com=https://a.example.com"]}"#,
      ] { #expect(throws: MirrorError.self, "\(text)") { _ = try read(text) } }
    }
  }

  // MARK: Caches

  @Test(
    "A cache comes from a mirror; a layer that the mirror does not have, and a cache that none has, from the registry",
    .enabled(if: hasPython, "python3 is not installed"))
  func caches() throws {
    try withPlaces { places in
      let source = try places.desk.other("source")
      var steps: [CachedStep] = []
      for (key, layer) in [("a", noise(5000)), ("b", noise(6000, seed: 3))] {
        let blob = try source.store.put(layer, mediaType: .ociLayer)
        steps.append(
          CachedStep(
            key: Digest(of: Array(key.utf8)), layer: blob, diffID: blob.digest,
            created: "2023-11-14T22:13:20Z"))
      }
      for step in steps { try source.store.putCachedStep(step) }
      let name = try source.name(places.registry.authority + "/team/app:cache")
      let copies = try places.mirrors.map { try source.name($0.authority + "/copy/team/app:cache") }
      for target in [name, copies[1]] {
        try RegistryCache.export(steps.map(\.key), of: source.store, source.client(), to: target) { _ in }
      }
      for place in places.mirrors + [places.registry] { place.forgetRequests() }

      let hosts = Mutex<[String]>([])
      func open() throws -> RegistryCache? {
        try RegistryCache(places.client(), name) { host, _ in hosts.withLock { $0.append(host) } }
      }
      let cache = try #require(try open())
      #expect(cache.count == 2 && places.registry.requests == [])
      #expect(hosts.withLock(\.self) == [places.mirrors[0].authority], "the first mirror has no cache")
      try places.mirrors[1].set("faults", "status:404 /blobs/\(steps[1].layer.digest) 9")
      let desk = try places.desk.other("taker")
      #expect(try cache.bring(steps[0].key, into: desk.store) == steps[0])
      #expect(places.registry.requests == [])
      #expect(try cache.bring(steps[1].key, into: desk.store) == steps[1])
      #expect(places.registry.requests.contains { $0.contains("/blobs/\(steps[1].layer.digest) ") })

      try places.mirrors[1].set("faults", "status:404 /manifests/ 9")
      #expect(try open()?.count == 2)
      try places.registry.set("faults", "status:404 /manifests/ 9")
      #expect(try open() == nil)
    }
  }

  // MARK: Pulling

  /// The registry and two mirrors of it, all with `team/app:1`; the mirrors have it below `copy`.
  private struct Places {
    var desk: Desk
    var registry: FaultyRegistry
    var mirrors: [FaultyRegistry]
    var image: Descriptor

    /// A client that knows the mirrors.
    func client() throws -> RegistryClient {
      var options = RegistryClient.Options()
      options.retry.firstPause = 1
      options.retry.longestPause = 2
      options.mirrors = try mirrors.map {
        try RegistryMirror(parsing: "\(registry.authority)=http://\($0.authority)/copy")
      }
      return RegistryClient(
        transport: CurlTransport(), credentials: desk.credentials, trust: TrustStore(folders: []),
        options: options)
    }

    /// Pulls, and tells which mirrors were passed over.
    func pull(_ text: String = "team/app:1") throws -> (Descriptor, [String]) {
      let hosts = Mutex<[String]>([])
      let pulled = try ImagePull(client(), store: desk.store) { event in
        if case .passedOver(let host, _) = event { hosts.withLock { $0.append(host) } }
      }.pull(desk.name("\(registry.authority)/\(text)"), .one(nil))
      return (pulled, hosts.withLock(\.self))
    }
  }

  private func withPlaces(_ body: (Places) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      let registry = try FaultyRegistry(folder + "/registry")
      let mirrors = try [FaultyRegistry(folder + "/one"), FaultyRegistry(folder + "/two")]
      let source = try Desk(folder, store: "source")
      let image = try source.image([noise(300_000), noise(50_000, seed: 2)])
      try source.push(image, registry.authority + "/team/app:1")
      for mirror in mirrors { try source.push(image, mirror.authority + "/copy/team/app:1") }
      for place in mirrors + [registry] { place.forgetRequests() }
      try body(Places(desk: source.other("store"), registry: registry, mirrors: mirrors, image: image))
    }
  }

  @Test(
    "The first mirror gives all of the image, under the name that was asked for",
    .enabled(if: hasPython, "python3 is not installed"))
  func first() throws {
    try withPlaces { places in
      let (pulled, passedOver) = try places.pull()
      #expect(pulled.digest == places.image.digest && passedOver == [])
      #expect(places.registry.requests == [] && places.mirrors[1].requests == [])
      #expect(places.mirrors[0].requests.contains { $0.hasPrefix("GET /v2/copy/team/app/manifests/1 ") })
      let name = try places.desk.name(places.registry.authority + "/team/app:1")
      #expect(try places.desk.store.descriptor(of: name)?.digest == places.image.digest)
      #expect(try places.desk.state.problems == [])
    }
  }

  @Test(
    "A mirror that is ill, lies, has not all or lets nobody in is passed over",
    .enabled(if: hasPython, "python3 is not installed"),
    arguments: [
      "status:500 /manifests/ 99", "status:404 /manifests/ 99", "status:429 /manifests/ 99",
      "wrong /manifests/ 99",
      "status:404 LAYER 99", "wrong LAYER 99", "short LAYER 99", "cut:0 LAYER 99",
      "status:403 /manifests/ 99",
    ])
  func broken(_ fault: String) throws {
    try withPlaces { places in
      let manifest = try places.desk.other("source").store.readManifest(places.image)
      let faults = fault.replacing("LAYER", with: "/blobs/\(manifest.layers[0].digest)")
      // Of the second mirror, too: then the registry gives the rest.
      for mirror in places.mirrors { try mirror.set("faults", faults) }
      let (pulled, passedOver) = try places.pull()
      #expect(pulled.digest == places.image.digest)
      #expect(passedOver == places.mirrors.map(\.authority))
      #expect(try places.desk.state.problems == [] && places.desk.state.images == 1)
    }
  }

  @Test(
    "Where all fail, the registry's own failure is the one that counts",
    .enabled(if: hasPython, "python3 is not installed"))
  func allFail() throws {
    try withPlaces { places in
      guard case .notFound(let answer)? = failure({ _ = try places.pull("team/none:1") }) else {
        Issue.record("no error")
        return
      }
      #expect(answer.host == places.registry.authority)
    }
  }

  @Test(
    "A mirror sees the credential for the mirror, and the registry the registry's",
    .enabled(if: hasPython, "python3 is not installed"))
  func credentials() throws {
    try withPlaces { places in
      let (registry, mirror) = (places.registry, places.mirrors[0])
      func basic(_ text: String) -> String { "Basic " + Base64.encode(Array(text.utf8)) }
      // The first mirror wants a password that nobody has; the second one gets its own.
      try mirror.set("basic", "me:unknown")
      try places.mirrors[1].set("basic", "me:of-mirror")
      try registry.set("basic", "me:of-registry")
      let auths = [(registry, "me:of-registry"), (places.mirrors[1], "me:of-mirror")].map { place, text in
        #""\#(place.authority)":{"auth":"\#(Base64.encode(Array(text.utf8)))"}"#
      }
      try Files.write(
        Array(#"{"auths":{\#(auths.joined(separator: ","))}}"#.utf8), to: places.desk.folder + "/config.json")
      let (pulled, passedOver) = try places.pull()
      #expect(pulled.digest == places.image.digest && passedOver == [mirror.authority])
      #expect(mirror.requests.allSatisfy { $0.hasSuffix("authorization=") }, "\(mirror.requests)")
      let seen = places.mirrors[1].requests.filter { !$0.hasSuffix("authorization=") }
      #expect(!seen.isEmpty && seen.allSatisfy { $0.hasSuffix(basic("me:of-mirror")) }, "\(seen)")
      // Without the mirrors' manifest, the registry is asked with its own.
      for mirror in places.mirrors { try mirror.set("faults", "status:404 /manifests/ 99") }
      _ = try places.pull()
      let asked = registry.requests.filter { !$0.hasSuffix("authorization=") }
      #expect(!asked.isEmpty && asked.allSatisfy { $0.hasSuffix(basic("me:of-registry")) }, "\(asked)")
      for mirror in places.mirrors {
        #expect(mirror.requests.allSatisfy { !$0.contains(basic("me:of-registry")) })
      }
    }
  }

  @Test(
    "A mirror that cannot be reached is told of once, and asked no more",
    .enabled(if: hasPython, "python3 is not installed"))
  func unreachable() throws {
    try withPlaces { places in
      var options = RegistryClient.Options()
      options.retry.firstPause = 1
      // A port of the loopback device where nobody can listen.
      options.mirrors = [try RegistryMirror(parsing: "\(places.registry.authority)=http://127.0.0.1:1")]
      let client = RegistryClient(
        transport: CurlTransport(), credentials: places.desk.credentials, trust: TrustStore(folders: []),
        options: options)
      let hosts = Mutex<[String]>([])
      for _ in 0..<3 {
        _ = try ImagePull(client, store: places.desk.store) { event in
          if case .passedOver(let host, _) = event { hosts.withLock { $0.append(host) } }
        }.pull(places.desk.name("\(places.registry.authority)/team/app:1"), .one(nil))
      }
      #expect(hosts.withLock(\.self) == ["127.0.0.1:1"])
    }
  }

  @Test("Plain http to another machine is not spoken, whatever the mirror's address says")
  func plainHTTP() throws {
    try Files.withTemporaryFolder { folder in
      let desk = try Desk(folder)
      let transport = RecordingTransport { _ in nil }
      var options = RegistryClient.Options()
      options.retry.attempts = 1
      options.mirrors = [try RegistryMirror(parsing: "http://m.example.com")]
      let client = RegistryClient(
        transport: transport, credentials: desk.credentials, trust: TrustStore(folders: []), options: options)
      let errors = Mutex<[RegistryError]>([])
      _ = failure {
        _ = try ImagePull(client, store: desk.store) { event in
          if case .passedOver(_, let error) = event { errors.withLock { $0.append(error) } }
        }.pull(desk.name("node"), .one(nil))
      }
      #expect(errors.withLock(\.self) == [.insecureMirror(host: "m.example.com")])
      #expect(transport.requests.allSatisfy { $0.url.scheme == .https && $0.url.host != "m.example.com" })
    }
  }
}
