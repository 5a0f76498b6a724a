import FileTree
import Glibc
import ImageStore
import TestSupport
import Testing

@testable import ImageBuild

/// A folder of `--build-context` in COPY and RUN --mount: it is read where it is, as the context is.
@Suite(
  "Folders of --build-context", .serialized,
  .enabled(if: Workshop.canRun, "needs a static /bin/busybox and namespaces"))
struct NamedFolderTests {
  /// A shop with a base, and a folder `named` beside the context that builds know as `x`.
  private struct Shop {
    let shop: Workshop
    let folder: String

    func write(_ path: String, _ text: String) throws {
      try Files.write(Array(text.utf8), to: folder + "/" + path)
    }

    func build(_ text: String, ignoring patterns: String = "") throws -> BuiltImage {
      let ignore = try IgnoreFile(parsing: Array(patterns.utf8))
      return try shop.build(text) { request in
        request.namedContexts = [NamedContext(name: "x", kind: .folder(BytePath(folder), ignore))]
        request.explainsCache = true
      }
    }

    func isHit(_ text: String) throws -> Bool { try build(text).verdicts.last == .hit }

    func inode(_ path: String) throws -> String {
      var status = stat()
      try #require(unsafe stat(folder + "/" + path, &status) == 0)
      return String(status.st_ino)
    }
  }

  private func withShop(_ body: (Shop) throws -> Void) throws {
    try Workshop.open { shop in
      try shop.makeBase()
      let named = Shop(shop: shop, folder: shop.folder + "/named")
      try named.write("d/f", "content")
      try named.write("big", "large")
      try body(named)
    }
  }

  @Test("RUN sees the folder itself, and cannot change it; with rw it changes a copy")
  func inPlace() throws {
    try withShop { named in
      let seen = try named.build(
        "FROM busybox\nRUN --mount=from=x,target=/x,ro stat -c %i /x/d/f; touch /x/new 2>&1 || echo refused\n"
      )
      #expect(seen.output.hasPrefix(try named.inode("d/f") + "\n") && seen.output.hasSuffix("refused\n"))
      let part = try named.build(
        "FROM busybox\nRUN --mount=from=x,source=d,target=/x,ro stat -c %i /x/f\n")
      #expect(part.output == (try named.inode("d/f")) + "\n")
      let changed = try named.build(
        "FROM busybox\nRUN --mount=from=x,target=/x,rw echo other > /x/d/f; rm /x/big; cat /x/d/f\n")
      #expect(changed.output == "other\n" && changed.layers.last == [])
      #expect(try Files.read(named.folder + "/d/f") == Array("content".utf8))
      #expect(Files.exists(named.folder + "/big"))
    }
  }

  @Test(
    "What its .dockerignore leaves out is not seen; a part of it with nothing to leave out is still no copy")
  func ignored() throws {
    try withShop { named in
      let whole = try named.build(
        "FROM busybox\nRUN --mount=from=x,target=/x,ro ls /x; stat -c %i /x/d/f\n", ignoring: "big\n")
      #expect(whole.output.hasPrefix("d\n"))
      #expect(whole.output != "d\n\(try named.inode("d/f"))\n")
      let part = try named.build(
        "FROM busybox\nRUN --mount=from=x,source=d,target=/x,ro stat -c %i /x/f\n", ignoring: "big\n")
      #expect(part.output == (try named.inode("d/f")) + "\n")
      let copied = try named.build("FROM scratch\nCOPY --from=x / /\n", ignoring: "big\n")
      #expect(copied.paths == ["d", "d/f"])
      #expect(copied.files["d/f"]?.owner == Owner.root)
    }
  }

  @Test("The content of what is mounted or copied decides about the cache, and nothing else of the folder")
  func keys() throws {
    try withShop { named in
      for text in [
        "FROM busybox\nRUN --mount=from=x,source=d,target=/x cat /x/f > /g\n",
        "FROM busybox\nCOPY --from=x /d/f /g\n",
      ] {
        try named.write("d/f", "content")
        #expect(try !named.isHit(text))
        #expect(try named.isHit(text))
        try named.write("big", text)
        #expect(unsafe utimensat(AT_FDCWD, named.folder + "/d/f", [timespec(), timespec()], 0) == 0)
        #expect(try named.isHit(text))
        try named.write("d/f", "changed")
        let changed = try named.build(text)
        #expect(changed.verdicts.last != .hit && changed.text("g") == "changed")
      }
    }
  }

  @Test("A cache that starts with a folder starts anew when the folder has changed")
  func caches() throws {
    try withShop { named in
      let text = "FROM busybox\nRUN --mount=type=cache,from=x,source=d,target=/c cat /c/f; echo >> /c/f; "
      #expect(try named.build(text + "true 1\n").output == "content")
      #expect(try named.build(text + "true 2\n").output == "content\n")
      try named.write("d/f", "changed")
      #expect(try named.build(text + "true 3\n").output == "changed")
    }
  }

  @Test("FROM still makes an image of it; an image of a name and a part that is missing are told")
  func others() throws {
    try withShop { named in
      #expect(try named.build("FROM x\n").paths == ["big", "d", "d/f"])
      let problem = try named.shop.failure("FROM busybox\nRUN --mount=from=x,source=gone,target=/x true\n") {
        $0.namedContexts = [NamedContext(name: "x", kind: .folder(BytePath(named.folder), IgnoreFile()))]
      }
      #expect(problem.kind == .sourceNotFound("gone", isIgnored: false))
    }
  }
}
