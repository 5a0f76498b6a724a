import ImageStore
import OCIModel
import TestSupport
import Testing

@testable import Registry

/// A registry that breaks off, lies and refuses: nothing wrong is ever stored, and the transfer ends or says why not.
@Suite("A faulty registry", .enabled(if: hasPython, "python3 is not installed"))
struct FaultyRegistryTests {
  /// An image of two layers in the registry as `team/app:1`, and a desk with an empty store.
  private func withImage(
    _ body: (_ desk: Desk, _ registry: FaultyRegistry, _ image: Descriptor, _ layer: Digest) throws -> Void
  ) throws {
    try Files.withTemporaryFolder { folder in
      let registry = try FaultyRegistry(folder + "/registry")
      let source = try Desk(folder, store: "source")
      let layers = [noise(300_000), noise(50_000, seed: 2)]
      let image = try source.image(layers)
      try source.push(image, registry.authority + "/team/app:1")
      registry.forgetRequests()
      try body(source.other("store"), registry, image, Digest(of: layers[0]))
    }
  }

  @Test("An image comes as it is, and the second time nothing but its manifest")
  func pull() throws {
    try withImage { desk, registry, image, _ in
      let pulled = try desk.pull(registry.authority + "/team/app:1")
      #expect(pulled.digest == image.digest)
      #expect(try desk.state.problems == [] && desk.state.images == 1)
      #expect(
        try desk.store.descriptor(of: desk.name(registry.authority + "/team/app:1"))?.digest == image.digest)
      registry.forgetRequests()
      try desk.pull(registry.authority + "/team/app:1")
      #expect(registry.requests.count { $0.contains("/blobs/") } == 0)
    }
  }

  @Test("A connection that breaks is taken up where it was", arguments: ["cut:100000", "cut:1"])
  func resume(_ fault: String) throws {
    try withImage { desk, registry, image, layer in
      try registry.set("faults", "\(fault) /blobs/\(layer) 2")
      #expect(try desk.pull(registry.authority + "/team/app:1").digest == image.digest)
      let ranges = registry.requests.filter { $0.contains("/blobs/\(layer)") && $0.contains("range=bytes=") }
      #expect(ranges.count == 2, "\(registry.requests)")
      #expect(try desk.state.problems == [])
    }
  }

  @Test("Who knows no ranges sends everything again")
  func noRange() throws {
    try withImage { desk, registry, image, layer in
      try registry.set("faults", "cut:100000 /blobs/\(layer) 1\nnorange /blobs/\(layer) 1")
      #expect(try desk.pull(registry.authority + "/team/app:1").digest == image.digest)
      #expect(try desk.state.problems == [])
    }
  }

  @Test(
    "Wrong content is refused and leaves nothing",
    arguments: ["wrong", "short", "long", "otherrange", "cut"])
  func wrongContent(_ fault: String) throws {
    try withImage { desk, registry, _, layer in
      let faults = [
        "otherrange": "cut:100000 /blobs/\(layer) 1\notherrange /blobs/\(layer) 9",
        "cut": "cut:0 /blobs/\(layer) 99",
      ]
      try registry.set("faults", faults[fault] ?? "\(fault) /blobs/\(layer) 99")
      let error = failure { try desk.pull(registry.authority + "/team/app:1") }
      switch (fault, error) {
      case ("wrong", .wrongContent(layer, _)), ("short", .wrongSize(layer, _, _)),
        ("long", .wrongSize(layer, _, _)),
        ("otherrange", .malformed), ("cut", .unreachable), ("cut", .wrongSize):
        break
      default: Issue.record("\(fault): \(String(describing: error))")
      }
      #expect(try !desk.store.contains(layer))
      #expect(try desk.state.problems == [] && desk.state.images == 0)
      // Once it is good again, the rest is there already.
      try registry.set("faults", "")
      try desk.pull(registry.authority + "/team/app:1")
      #expect(try desk.state.problems == [] && desk.state.images == 1)
    }
  }

  @Test("A manifest that is not what its name says, or has no end, is refused", arguments: ["wrong", "huge"])
  func wrongManifest(_ fault: String) throws {
    try withImage { desk, registry, image, _ in
      for name in ["team/app:1", "team/app@\(image.digest)"] {
        try registry.set("faults", "\(fault) /manifests/ 99")
        switch (fault, failure { try desk.pull("\(registry.authority)/\(name)") }) {
        case ("wrong", .wrongContent(image.digest, _)), ("huge", .tooLarge): break
        case (_, let error): Issue.record("\(fault): \(String(describing: error))")
        }
      }
      #expect(try desk.state.problems == [] && desk.state.images == 0)
    }
  }

  @Test(
    "A registry that is busy or ill is asked again",
    arguments: [("500", ""), ("503", "0"), ("429", "0"), ("429", "")])
  func retry(_ status: String, _ after: String) throws {
    try withImage { desk, registry, image, _ in
      try registry.set("retry-after", after)
      try registry.set(
        "faults", "status:\(status) /manifests/ 2\nstatus:\(status) /blobs/ 2\nsilent /blobs/ 1")
      #expect(try desk.pull(registry.authority + "/team/app:1").digest == image.digest)
      #expect(try desk.state.problems == [])
    }
  }

  @Test("But not for ever, nor when it says that it takes long")
  func giveUp() throws {
    try withImage { desk, registry, _, _ in
      try registry.set("faults", "status:500 /manifests/ 99")
      guard case .status(let answer)? = failure({ try desk.pull(registry.authority + "/team/app:1") }) else {
        Issue.record("no error")
        return
      }
      #expect(answer.status == 500 && answer.host == registry.authority)
      #expect(answer.code == "FAULT" && answer.message == "a made [31m fault", "no control characters")
      #expect(registry.requests.count { $0.contains("/manifests/") } == 4)
      registry.forgetRequests()
      try registry.set("retry-after", "86400")
      try registry.set("faults", "status:429 /manifests/ 199")
      guard case .rateLimited(let limited)? = failure({ try desk.pull(registry.authority + "/team/app:1") })
      else {
        Issue.record("no error")
        return
      }
      #expect(limited.retryAfter == 86400)
      #expect(registry.requests.count { $0.contains("/manifests/") } == 1)
    }
  }

  @Test("What is not there is said so, at once")
  func notFound() throws {
    try withImage { desk, registry, _, layer in
      guard case .notFound(let answer)? = failure({ try desk.pull(registry.authority + "/team/app:2") })
      else {
        Issue.record("no error")
        return
      }
      #expect(answer.code == "MANIFEST_UNKNOWN" && answer.request == "GET /v2/team/app/manifests/2")
      try registry.set("faults", "status:404 /blobs/\(layer) 99")
      guard case .notFound? = failure({ try desk.pull(registry.authority + "/team/app:1") }) else {
        Issue.record("no error")
        return
      }
      #expect(try desk.state.problems == [] && desk.state.images == 0)
    }
  }

  // MARK: Credentials

  @Test(
    "A token is fetched with the password, and only the token goes to the registry; an expired one is fetched anew"
  )
  func tokens() throws {
    try withImage { desk, registry, image, layer in
      try desk.logIn(registry.authority, "me", "secret word")
      try registry.set("token", "abc")
      try registry.set("faults", "status:401 /blobs/\(layer) 1")
      #expect(try desk.pull(registry.authority + "/team/app:1").digest == image.digest)
      let basic = "Basic " + Base64.encode(Array("me:secret word".utf8))
      #expect(registry.tokens.count == 2)
      #expect(
        registry.tokens.allSatisfy {
          $0.hasPrefix("GET scopes=repository:team/app:pull authorization=\(basic)")
        })
      #expect(registry.requests.filter { !$0.contains("/token") }.allSatisfy { !$0.contains("Basic") })
      #expect(registry.requests.count { $0.hasSuffix("authorization=Bearer abc") } >= 4)
    }
  }

  @Test("An identity token is sent in a form, and nobody in particular sends nothing")
  func identityToken() throws {
    try withImage { desk, registry, _, _ in
      try registry.set("token", "abc")
      try Files.write(
        Array(#"{"auths":{"\#(registry.authority)":{"identitytoken":"refresh&me"}}}"#.utf8),
        to: desk.folder + "/config.json")
      try desk.pull(registry.authority + "/team/app:1")
      #expect(registry.tokens.count == 1)
      #expect(
        registry.tokens[0].hasPrefix(
          "POST scopes= authorization= body=grant_type=refresh_token&service=tests"))
      #expect(
        registry.tokens[0].hasSuffix("&scope=repository%3Ateam%2Fapp%3Apull&refresh_token=refresh%26me"))
      Files.remove(desk.folder + "/config.json")
      registry.forgetRequests()
      try desk.pull(registry.authority + "/team/app:1")
      #expect(registry.tokens == ["GET scopes=repository:team/app:pull authorization= body="])
    }
  }

  @Test("A wrong password is said to be wrong, and tried once")
  func wrongPassword() throws {
    try withImage { desk, registry, _, _ in
      try registry.set("basic", "me:right")
      let everybody = failure { try desk.pull(registry.authority + "/team/app:1") }
      guard case .unauthorized(_, hasCredential: false)? = everybody else {
        Issue.record("\(String(describing: everybody))")
        return
      }
      registry.forgetRequests()
      try desk.logIn(registry.authority, "me", "wrong")
      let error = failure { try desk.pull(registry.authority + "/team/app:1") }
      guard case .unauthorized(let answer, hasCredential: true)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(!"\(answer)".contains("wrong") && answer.host == registry.authority)
      #expect(registry.requests.count { $0.contains("authorization=Basic") } == 1)
      try desk.logIn(registry.authority, "me", "right")
      try desk.pull(registry.authority + "/team/app:1")
    }
  }

  @Test("A redirection to another host carries no credential", arguments: ["token", "basic"])
  func redirection(_ kind: String) throws {
    try withImage { desk, registry, image, layer in
      let other = try FaultyRegistry(desk.folder + "/other")
      // The other host has the blobs too.
      let source = try desk.other("source")
      try source.push(image, other.authority + "/team/app:1")
      other.forgetRequests()
      try desk.logIn(registry.authority, "me", "word")
      try registry.set(kind, kind == "token" ? "abc" : "me:word")
      try registry.set("location", "http://\(other.authority)")
      try registry.set("faults", "redirect /blobs/ 99")
      #expect(try desk.pull(registry.authority + "/team/app:1").digest == image.digest)
      #expect(other.requests.count { $0.contains("/blobs/\(layer)") } == 1)
      #expect(other.requests.allSatisfy { $0.hasSuffix("authorization=") }, "\(other.requests)")
      #expect(try desk.state.problems == [])
    }
  }

  // MARK: Push

  /// Pushes an image with a layer of 3 MB while something goes wrong; it has to arrive whole.
  private func pushing(_ faults: String, _ check: (FaultyRegistry, Digest) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      let registry = try FaultyRegistry(folder + "/registry")
      let desk = try Desk(folder)
      let layer = noise(3_000_000)
      let image = try desk.image([layer])
      try registry.set("faults", faults)
      try desk.push(image, registry.authority + "/team/app:1")
      try check(registry, Digest(of: layer))
      try registry.set("faults", "")
      let other = try desk.other("other")
      #expect(try other.pull(registry.authority + "/team/app:1").digest == image.digest)
      #expect(try other.state.problems == [])
    }
  }

  @Test("An upload that breaks goes on where it was")
  func pushResumes() throws {
    try pushing("cut:1500000 PATCH 1\ncut:500000 PATCH 1") { registry, _ in
      #expect(
        registry.requests.count { $0.hasPrefix("POST") } == 2, "one for the layer, one for the configuration")
      #expect(registry.requests.count { $0.hasPrefix("PATCH") } == 3, "\(registry.requests)")
    }
  }

  @Test(
    "An upload that the registry has forgotten starts anew, and one whose end was not heard of is not repeated"
  )
  func pushStartsAnew() throws {
    try pushing("status:404 PATCH 1\nstatus:404 GET 1") { registry, _ in
      #expect(registry.requests.count { $0.hasPrefix("POST") } >= 3)
    }
    try pushing("lost PUT 2") { _, _ in }
    try pushing("status:500 POST 2\nstatus:503 PATCH 1\nstatus:500 PUT 2\nstatus:500 HEAD 1") { _, _ in }
  }

  @Test("What is there is not sent, and what another repository has is mounted")
  func pushSaves() throws {
    try Files.withTemporaryFolder { folder in
      let registry = try FaultyRegistry(folder + "/registry")
      let desk = try Desk(folder)
      try registry.set("mounts", "yes")
      let base = try desk.image([noise(2000)], name: registry.authority + "/team/base:1")
      try desk.push(base, registry.authority + "/team/base:1")
      let image = try desk.image([noise(2000), noise(3000, seed: 3)])
      // The faulty registry keeps blobs for all repositories, so that it has to be told to look away.
      try registry.set("faults", "status:404 HEAD 3")
      let events = EventLog()
      try desk.push(image, registry.authority + "/team/app:1", events: events)
      #expect(events.count("mounted") == 1 && events.count("finished") == 2)
      let again = EventLog()
      try registry.set("faults", "")
      try desk.push(image, registry.authority + "/team/app:2", events: again)
      #expect(again.count("present") == 3 && again.count("finished") == 0)
    }
  }

  @Test("A damaged blob of the store is not sent")
  func pushDamaged() throws {
    try Files.withTemporaryFolder { folder in
      let registry = try FaultyRegistry(folder + "/registry")
      let desk = try Desk(folder)
      let layer = noise(2000)
      let image = try desk.image([layer])
      let damage = noise(2000, seed: 9)
      try Files.write(damage, to: "\(folder)/store/blobs/sha256/\(Digest(of: layer).hex)")
      let other = try desk.other("store")
      #expect(
        failure { try other.push(image, registry.authority + "/a:1") }
          == .store(.digestMismatch(expected: Digest(of: layer), actual: Digest(of: damage))))
      #expect(registry.requests.count { $0.hasPrefix("PUT /v2/a/manifests") } == 0)
    }
  }

  @Test("An index goes whole, and comes whole or for one platform")
  func platforms() throws {
    try Files.withTemporaryFolder { folder in
      let registry = try FaultyRegistry(folder + "/registry")
      let desk = try Desk(folder, store: "source")
      let one = try desk.image([noise(1000)])
      let two = try desk.image([noise(1000, seed: 2)], platform: "s390x")
      let index = try desk.index([one, two])
      #expect(try desk.push(index, registry.authority + "/a:1").digest == index.digest)

      let part = try desk.other("part")
      let s390x = Platform(os: "linux", architecture: "s390x")
      #expect(try part.pull(registry.authority + "/a:1", .one(s390x)).digest == index.digest)
      #expect(try part.store.contains(two.digest) && !part.store.contains(one.digest))
      #expect(try part.state.problems == [])
      #expect(
        failure { try part.push(index, registry.authority + "/b:1", .all) }
          == .incomplete(one.digest, platform: one.platform))
      #expect(try part.push(index, registry.authority + "/b:1", .one(s390x)).digest == two.digest)
      guard
        case .store(.noSuchPlatform)? = failure({
          try part.pull(registry.authority + "/a:1", .one(Platform(os: "linux", architecture: "riscv64")))
        })
      else {
        Issue.record("a platform that does not exist")
        return
      }
      try part.pull(registry.authority + "/a:1", .all)
      #expect(try part.store.contains(one.digest))
      #expect(try part.push(index, registry.authority + "/c:1", .all).digest == index.digest)
    }
  }

  @Test("Docker's types stay what they are")
  func dockerTypes() throws {
    try Files.withTemporaryFolder { folder in
      let registry = try FaultyRegistry(folder + "/registry")
      let desk = try Desk(folder, store: "source")
      let image = try desk.image([noise(1000)], type: .dockerManifest)
      try desk.push(image, registry.authority + "/a:1")
      let other = try desk.other("other")
      let pulled = try other.pull(registry.authority + "/a:1")
      #expect(pulled.digest == image.digest && pulled.mediaType == .dockerManifest)
      #expect(try other.state.problems == [])
    }
  }
}
