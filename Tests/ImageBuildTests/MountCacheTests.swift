import Download
import FileTree
import Glibc
import OCIModel
import TestSupport
import Testing

@testable import ImageBuild

/// What of mounts and of remote sources decides whether a step is found in the cache.
@Suite("Build cache: mounts and remote sources", .serialized)
struct MountCacheTests {
  /// Builds, and tells what the last step's verdict is.
  private func verdict(
    _ shop: Workshop, _ text: String, _ configure: (inout BuildRequest) -> Void = { _ in }
  ) throws -> CacheVerdict? {
    try shop.build(text) { request in
      request.explainsCache = true
      configure(&request)
    }.verdicts.last
  }

  private func changes(_ verdict: CacheVerdict?) -> [String] {
    guard case .changed(let changes) = verdict else { return [] }
    return changes.map { "\($0.kind) \(String(decoding: $0.name, as: UTF8.self))" }
  }

  private func withBase(_ body: (Workshop) throws -> Void) throws {
    try Workshop.open { shop in
      try shop.makeBase()
      try body(shop)
    }
  }

  @Test(
    "K04 bind mounts: a changed source is a miss, its neighbour and its time are none",
    .enabled(if: Workshop.canRun, "needs a static /bin/busybox and namespaces"))
  func bind() throws {
    try withBase { shop in
      try shop.write("d/f", "one")
      try shop.write("d/ignored", "one")
      try shop.write(".dockerignore", "d/ignored\n")
      let context = "FROM busybox\nRUN --mount=source=d,target=/x cat /x/f > /g\n"
      #expect(try verdict(shop, context) != .hit)
      #expect(try verdict(shop, context) == .hit)
      try shop.write("other", "two")
      try shop.write("d/ignored", "two")
      let times = [timespec(tv_sec: 5, tv_nsec: 0), timespec(tv_sec: 5, tv_nsec: 0)]
      #expect(unsafe utimensat(AT_FDCWD, shop.folder + "/context/d/f", times, 0) == 0)
      #expect(try verdict(shop, context) == .hit)
      #expect(
        changes(try verdict(shop, context.replacing("target=/x", with: "rw,target=/x"))) == [
          "instruction --mount"
        ])
      try shop.write("d/f", "two")
      #expect(changes(try verdict(shop, context)).contains("file d/f"))
      #expect(try shop.build(context).text("g") == "two")
      // A stage: what the mount shows of it counts, and no more.
      func stage(_ content: String, _ other: String) -> String {
        """
        FROM busybox AS a
        RUN mkdir /d && echo \(content) > /d/f && echo \(other) > /e
        FROM busybox
        RUN --mount=from=a,source=/d,target=/x cat /x/f > /g
        """
      }
      #expect(try verdict(shop, stage("1", "1")) != .hit)
      #expect(try verdict(shop, stage("1", "2")) == .hit)
      let changed = try shop.build(stage("2", "2")) { $0.explainsCache = true }
      #expect(changed.verdicts.last != .hit && changed.text("g") == "2\n")
    }
  }

  @Test(
    "K04 cache mounts: the id and the target count, and not what is in it",
    .enabled(if: Workshop.canRun, "needs a static /bin/busybox and namespaces"))
  func cache() throws {
    try withBase { shop in
      let text = "FROM busybox\nRUN --mount=type=cache,target=/c echo x >> /c/n; wc -l < /c/n > /n\n"
      #expect(try shop.build(text).text("n") == "1\n")
      #expect(try shop.build(text).text("n") == "1\n")
      let again = try shop.build(text) { $0.refusesCache = true }
      #expect(again.text("n") == "2\n")
      #expect(try verdict(shop, text) == .hit)
      #expect(try verdict(shop, text.replacing("target=/c", with: "id=/c,target=/c,sharing=locked")) == .hit)
      #expect(
        changes(try verdict(shop, text.replacing("target=/c", with: "id=d,target=/c"))) == [
          "instruction --mount"
        ])
    }
  }

  @Test(
    "K04 secrets: another value is a hit, another target is none, and the value is not in the cache",
    .enabled(if: Workshop.canRun, "needs a static /bin/busybox and namespaces"))
  func secrets() throws {
    try withBase { shop in
      func give(_ value: String) -> (inout BuildRequest) -> Void {
        { $0.secrets = [BuildSecret(id: "s", source: .value(Array(value.utf8)))] }
      }
      let text =
        "FROM busybox\nRUN --mount=type=secret,id=s --mount=type=secret,id=s,env=S wc -c < /run/secrets/s > /n\n"
      #expect(try verdict(shop, text, give("first-value-4711")) != .hit)
      #expect(try verdict(shop, text, give("the-second-value-4711")) == .hit)
      #expect(try verdict(shop, text) == .hit)
      #expect(try shop.build(text).text("n") == "16\n")
      let other = try verdict(shop, text.replacing("env=S", with: "env=T"), give("first-value-4711"))
      #expect(changes(other) == ["instruction --mount"])
      #expect(try Processes.run("grep", ["-r", "-l", "-a", "value-4711", shop.folder]).output == [])
    }
  }

  @Test(
    "K03, K05 files by URL: content, time and name count; with a checksum nothing is fetched",
    .enabled(if: Processes.find("python3") != nil, "needs python3"))
  func files() throws {
    try Workshop.open { shop in
      let server = try WebServer(shop.folder)
      try server.write("f", "one")
      try shop.write("l", "local")
      let text = "FROM scratch\nADD \(server.url)/f l /x/\n"
      #expect(try verdict(shop, text) == .unknown)
      #expect(try verdict(shop, text) == .hit)
      // Where it comes from does not matter.
      #expect(try verdict(shop, text.replacing("/f ", with: "/to/f ")) == .hit)
      #expect(try verdict(shop, text) == .hit)
      try server.write("f", "one", modified: 1_600_000_001)
      #expect(changes(try verdict(shop, text)) == ["remote \(server.url)/f"])
      try server.write("f", "two")
      #expect(try verdict(shop, text) != .hit)
      try shop.write("l", "other")
      #expect(changes(try verdict(shop, text)) == ["file l"])
      #expect(try shop.build(text).text("x/f") == "two")
      let unpacked = text.replacing("ADD", with: "ADD --unpack")
      #expect(changes(try verdict(shop, unpacked)) == ["instruction source 1"])
      let digest = Digest(of: Array("two".utf8))
      let checked = "FROM scratch\nADD --checksum=\(digest) \(server.url)/f /y\n"
      #expect(try verdict(shop, checked) != .hit)
      Files.remove(server.folder + "/f")
      #expect(try verdict(shop, checked) == .hit)
      #expect(try shop.failure(text).kind == .download(server.url + "/f", .status(404)))
    }
  }

  @Test(
    "K03, K05 repositories: the commit counts; one that is named in full is not asked for",
    .enabled(if: Processes.find("python3") != nil && Processes.find("git") != nil, "needs python3 and git"))
  func repositories() throws {
    try Workshop.open { shop in
      let server = try WebServer(shop.folder)
      let work = shop.folder + "/work"
      try Files.createFolder(work)
      func git(_ words: String...) throws -> String {
        let names = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "init.defaultBranch=main"]
        let result = try Processes.run("git", ["-C", work] + names + words)
        #expect(result.status == 0, "\(result.errorText)")
        return result.outputText.split(separator: "\n").first.map(String.init) ?? ""
      }
      func commit(_ content: String) throws -> String {
        try Files.write(Array(content.utf8), to: work + "/f")
        _ = try git("add", ".")
        _ = try git("commit", "-q", "-m", content)
        _ = try git("push", "-q", server.folder + "/r.git", "main:main")
        _ = try Processes.run("git", ["-C", server.folder + "/r.git", "update-server-info"])
        return try git("rev-parse", "HEAD")
      }
      _ = try git("init", "-q")
      _ = try git("init", "-q", "--bare", server.folder + "/r.git")
      let first = try commit("one")
      let text = "FROM scratch\nADD \(server.url)/r.git#main /x\n"
      let pinned = "FROM scratch\nADD \(server.url)/r.git#\(first) /x\n"
      #expect(try verdict(shop, text) == .unknown)
      #expect(try verdict(shop, text) == .hit)
      #expect(try verdict(shop, pinned) == .hit)
      _ = try commit("two")
      #expect(changes(try verdict(shop, text)) == ["remote \(server.url)/r.git"])
      #expect(try shop.build(text).text("x/f") == "two")
      #expect(try verdict(shop, text.replacing("ADD", with: "ADD --keep-git-dir")) != .hit)
      Files.remove(server.folder + "/r.git")
      #expect(try verdict(shop, pinned) == .hit)
      #expect(try shop.build(pinned).text("x/f") == "one")
    }
  }

  @Test("A store that lies in the context is not seen, whatever reads the context")
  func storeInContext() throws {
    try Workshop.open { shop in
      if Workshop.canRun { try shop.makeBase() }
      try shop.write("f", "content")
      func inside(_ request: inout BuildRequest) { request.context = BytePath(shop.folder) }
      let text = "FROM scratch\nCOPY . /all/\nCOPY * /each/\n"
      let image = try shop.build(text, inside)
      #expect(image.paths.filter { $0.contains("store") } == [])
      #expect(image.text("all/context/f") == "content" && image.text("each/f") == "content")
      #expect(try verdict(shop, text, inside) == .hit)
      #expect(
        try shop.failure("FROM scratch\nCOPY store/index.json /\n", inside).kind
          == .sourceNotFound("store/index.json", isIgnored: true))
      guard Workshop.canRun else { return }
      for options in ["", ",rw"] {
        let mounted = try shop.build("FROM busybox\nRUN --mount=target=/x\(options) ls /x\n", inside)
        #expect(mounted.output == "context\n")
      }
    }
  }
}
