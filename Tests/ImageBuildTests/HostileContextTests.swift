import FileTree
import Glibc
import ImageStore
import TestSupport
import Testing

@testable import ImageBuild

/// Contexts and Dockerfiles that somebody has made to read the host, or to write to it.
@Suite("Hostile contexts")
struct HostileContextTests {
  static let secret = "what-only-the-host-knows"

  struct Attack: Sendable {
    var name: String
    var lines: String
    /// Whether the build may succeed; the image must not hold what it should not in any case.
    var mayBuild = false
    var prepare: @Sendable (Workshop) throws -> Void = { _ in }
  }

  /// Beside the context lies the folder `outside` with the file `secret`.
  static let attacks: [Attack] = [
    Attack(name: "a source above the context", lines: "COPY ../outside/secret /x"),
    Attack(name: "a source above the context, from its root", lines: "COPY /../outside/secret /x"),
    Attack(name: "a source above the context by a folder", lines: "COPY d/../../outside/secret /x") {
      try $0.write("d/f")
    },
    Attack(name: "a link to a file outside", lines: "COPY l /x") {
      try $0.link("l", to: "../outside/secret")
    },
    Attack(name: "a link to a folder outside", lines: "COPY l/secret /x") {
      try $0.link("l", to: "../outside")
    },
    Attack(name: "what a folder outside holds, by a link", lines: "COPY l/ /x/", mayBuild: true) {
      try $0.link("l", to: "../outside")
    },
    Attack(name: "an absolute link outside", lines: "COPY l/secret /x") {
      try $0.link("l", to: "\($0.folder)/outside")
    },
    Attack(name: "a chain of links outside", lines: "COPY a /x") {
      try $0.link("a", to: "b")
      try $0.link("b", to: "c/secret")
      try $0.link("c", to: "../outside")
    },
    Attack(name: "links in a circle", lines: "COPY a /x") {
      try $0.link("a", to: "b")
      try $0.link("b", to: "a")
    },
    Attack(name: "a link of /proc", lines: "COPY l /x") { try $0.link("l", to: "/proc/self/environ") },
    Attack(name: "the root of the process by /proc", lines: "COPY l/etc/hostname /x") {
      try $0.link("l", to: "/proc/self/root")
    },
    Attack(name: "a wildcard through a link", lines: "COPY l/s* /x/", mayBuild: true) {
      try $0.link("l", to: "../outside")
    },
    Attack(name: "wildcards and dot-dot", lines: "COPY */../../outside/* /x/", mayBuild: true) {
      try $0.write("d/f")
    },
    Attack(name: "any depth and dot-dot", lines: "COPY **/../../outside/secret /x/", mayBuild: true) {
      try $0.write("d/f")
    },
    Attack(
      name: "twenty wildcards in a row", lines: "COPY \(String(repeating: "*/", count: 20))* /x/",
      mayBuild: true
    ) {
      try $0.write("a/b/c/d/e/f")
    },
    Attack(
      name: "a pattern that backtracks", lines: "COPY \(String(repeating: "*a", count: 60))b /x/",
      mayBuild: true
    ) {
      try $0.write(String(repeating: "a", count: 200))
    },
    Attack(name: "folders of --parents above the context", lines: "COPY --parents ../outside/./secret /x/"),
    Attack(name: "--parents through a link", lines: "COPY --parents l/./secret /x/") {
      try $0.link("l", to: "../outside")
    },
    Attack(name: ".dockerignore that takes something back from above", lines: "COPY . /x/", mayBuild: true) {
      try $0.write(".dockerignore", "*\n!../outside/secret\n!/../outside\n!l/secret\n")
      try $0.link("l", to: "../outside")
    },
    Attack(name: "a folder with a link outside as a whole", lines: "COPY . /x/", mayBuild: true) {
      try $0.write("f")
      try $0.link("l", to: "../outside")
      try $0.link("m", to: "../outside/secret")
    },
    Attack(name: "ADD of a link to an archive outside", lines: "ADD l /x/") { shop in
      let tar = try Processes.run(
        "tar", ["-C", shop.folder + "/outside", "-cf", shop.folder + "/outside/a.tar", "secret"])
      #expect(tar.status == 0)
      try shop.link("l", to: "../outside/a.tar")
    },
    Attack(name: "an archive with a link, and a file through it", lines: "ADD a.tar /d/", mayBuild: true) {
      shop in
      let folder = shop.folder
      let script = """
        cd "$1" && mkdir made && ln -s ../../outside made/l && tar -C made -cf context/a.tar l && echo x > made/f
        tar -C made --transform 's,^f$,l/new,' -rf context/a.tar f && rm -r made
        """
      let made = try Processes.run("sh", ["-c", script, "sh", folder])
      #expect(made.status == 0)
    },
    Attack(name: "a link out of another stage", lines: "COPY l /l\nFROM scratch\nCOPY --from=0 /l/secret /x")
    {
      try $0.link("l", to: "../../../../../../../../../../../..\($0.folder)/outside")
    },
    Attack(
      name: "an absolute link out of another stage", lines: "COPY d /\nFROM scratch\nCOPY --from=0 /l /x"
    ) {
      try $0.write("d/f")
      try $0.link("d/l", to: "\($0.folder)/outside/secret")
    },
    Attack(
      name: "a name above another stage",
      lines: "COPY f /f\nFROM scratch\nCOPY --from=0 /../../../../outside/secret /x"
    ) {
      try $0.write("f")
    },
    Attack(
      name: "a destination through a link of the image", lines: "COPY d /\nCOPY f /l/new\n", mayBuild: true
    ) {
      try $0.write("f", "written")
      try $0.write("d/f")
      try $0.link("d/l", to: "../../../../../../../../../../../..\($0.folder)/outside")
    },
    Attack(
      name: "a destination above the image", lines: "COPY f /../../../../../../../..$HERE/outside/new\n",
      mayBuild: true
    ) {
      try $0.write("f", "written")
    },
    Attack(name: "a file over a link of the image", lines: "COPY d /\nCOPY f /l\n", mayBuild: true) {
      try $0.write("f", "written")
      try $0.write("d/f")
      try $0.link("d/l", to: "\($0.folder)/outside/secret")
    },
    Attack(
      name: "a working directory above the image",
      lines: "WORKDIR /../../../../../../../..$HERE/outside/new\n", mayBuild: true),
    Attack(name: "a working directory through a link", lines: "COPY d /\nWORKDIR /l/new\n", mayBuild: true) {
      try $0.write("d/f")
      try $0.link("d/l", to: "\($0.folder)/outside")
    },
    Attack(
      name: "here-documents with names that lead out",
      lines: "COPY <<\"../../../outside/new\" /x/\nhi\n../../../outside/new\n", mayBuild: true),
    Attack(name: "users of the host, by a link", lines: "COPY d /\nCOPY --chown=hostuser f /x") {
      try $0.write("f")
      try $0.write("d/f")
      try Files.createFolder($0.folder + "/context/d/etc")
      try $0.link("d/etc/passwd", to: "\($0.folder)/outside/secret")
    },
    Attack(name: "users from a fifo", lines: "COPY d /\nCOPY --chown=me f /x") {
      try $0.write("f")
      try Files.createFolder($0.folder + "/context/d/etc")
      #expect(unsafe mkfifo($0.folder + "/context/d/etc/passwd", 0o644) == 0)
    },
    Attack(name: "a fifo that nobody writes to", lines: "COPY p /p", mayBuild: true) {
      #expect(unsafe mkfifo($0.folder + "/context/p", 0o644) == 0)
    },
    Attack(name: "ADD of a fifo", lines: "ADD p /p", mayBuild: true) {
      #expect(unsafe mkfifo($0.folder + "/context/p", 0o644) == 0)
    },
    Attack(name: "a name that is a removal", lines: "COPY d /") { try $0.write("d/.wh.etc") },
    Attack(name: "an opaque mark", lines: "COPY d /") { try $0.write("d/.wh..wh..opq") },
    Attack(name: "names with control characters", lines: "COPY . /x/", mayBuild: true) {
      try $0.write("a\nb\u{1B}[31mc", "1")
    },
    Attack(name: "a named context above itself", lines: "COPY --from=named ../outside/secret /x"),
    Attack(name: "a link in a named context", lines: "COPY --from=named l /x") {
      try $0.link("l", to: "../outside/secret")
    },
  ]

  @Test("neither is the host read, nor written to", arguments: attacks.map(\.name))
  func attack(name: String) throws {
    let attack = try #require(Self.attacks.first { $0.name == name })
    try Workshop.open { shop in
      try Files.createFolder(shop.folder + "/outside")
      try Files.write(
        Array("hostuser:x:4711:4711::/:/bin/sh\n\(Self.secret)".utf8), to: shop.folder + "/outside/secret")
      try attack.prepare(shop)
      let before = try Files.names(in: shop.folder + "/outside")
      let lines = attack.lines.replacing("$HERE", with: shop.folder)
      var image: BuiltImage?
      var failure: (any Error)?
      do {
        image = try shop.build("FROM scratch\n\(lines)\n") {
          $0.namedContexts = [
            NamedContext(name: "named", kind: .folder(BytePath(shop.folder + "/context"), IgnoreFile()))
          ]
        }
      } catch let error as BuildError {
        failure = error
      }
      #expect(attack.mayBuild || failure != nil)
      for (path, file) in image?.files ?? [:] { #expect(!file.text.contains(Self.secret), "\(path)") }
      let blobs = try Processes.run(
        "sh",
        [
          "-c",
          "for f in \"$1\"/blobs/sha256/*; do test -f \"$f\" || continue; gzip -dc \"$f\" 2>/dev/null || cat \"$f\"; done | grep -c -a \"$2\"",
          "sh", shop.folder + "/store", Self.secret,
        ])
      #expect(blobs.outputText == "0\n")
      #expect(try Files.names(in: shop.folder + "/outside") == before)
      let kept = try Files.read(shop.folder + "/outside/secret")
      #expect(String(decoding: kept, as: UTF8.self).hasSuffix(Self.secret))
    }
  }
}

/// Mounts that lead somewhere else.
@Suite("Hostile mounts", .enabled(if: Workshop.canRun, "needs busybox-static and namespaces"))
struct HostileMountTests {
  struct Attack: Sendable {
    var name: String
    var lines: String
    var prepare: @Sendable (Workshop) throws -> Void = { _ in }
  }

  /// Each prints what it finds; none may find or leave anything outside.
  static let attacks: [Attack] = [
    Attack(
      name: "a source above the context", lines: "RUN --mount=target=/m,source=../outside cat /m/secret"),
    Attack(name: "a source by a link", lines: "RUN --mount=target=/m,source=l cat /m/secret") {
      try $0.link("l", to: "../outside")
    },
    Attack(
      name: "a link inside of what is mounted",
      lines: "RUN --mount=target=/m cat /m/l/secret /m/../outside/secret; true"
    ) {
      try $0.link("l", to: "\($0.folder)/outside")
    },
    Attack(
      name: "a copy for writing, with a link in it",
      lines: "RUN --mount=target=/m,rw cat /m/l/secret; echo x > /m/l/new; echo x > /m/f; true"
    ) {
      try $0.write("f", "kept")
      try $0.link("l", to: "\($0.folder)/outside")
    },
    Attack(
      name: "a source in another stage by a link",
      lines: "COPY l /l\nFROM busybox\nRUN --mount=from=0,source=/l,target=/m cat /m/secret"
    ) {
      try $0.link("l", to: "../../../../../../../../../..\($0.folder)/outside")
    },
    Attack(
      name: "a cache whose id is a path",
      lines: "RUN --mount=type=cache,id=../../../../outside,target=/c cat /c/secret; echo x > /c/new"),
    Attack(
      name: "a cache whose id is absolute",
      lines: "RUN --mount=type=cache,id=$HERE/outside,target=/c cat /c/secret; echo x > /c/new"),
    Attack(
      name: "a cache that starts above a stage",
      lines:
        "RUN --mount=type=cache,target=/c,from=busybox,source=/../../../outside cat /c/secret; echo x > /c/new"
    ),
    Attack(
      name: "links that a cache has from a build before",
      lines:
        "RUN --mount=type=cache,target=/c ln -s $HERE/outside /c/l\nRUN --mount=type=cache,target=/c cat /c/l/secret; echo x > /c/l/new; true"
    ),
    Attack(
      name: "a secret whose id is a path",
      lines:
        "RUN --mount=type=secret,id=../../outside/secret,required=false cat /run/secrets/* ; cat /outside/secret; true"
    ),
    Attack(
      name: "a target above the root",
      lines:
        "RUN --mount=type=tmpfs,target=/../../../..$HERE/outside cat $HERE/outside/secret; echo x > $HERE/outside/new"
    ),
    Attack(
      name: "a target through a link of the image",
      lines:
        "RUN ln -s ../../../../../../../../..$HERE/outside /l\nRUN --mount=type=tmpfs,target=/l/new cat /l/secret; echo x > /l/x; true"
    ),
    Attack(
      name: "a target in /proc by a link of the image",
      lines: "RUN ln -s /proc/sys/kernel /l\nRUN --mount=type=tmpfs,target=/l echo mounted"),
    Attack(name: "a target over the root", lines: "RUN --mount=type=tmpfs,target=/x/.. echo mounted"),
    Attack(
      name: "a target over /dev by a link",
      lines: "RUN ln -s /dev /l\nRUN --mount=type=tmpfs,target=/l echo mounted"),
    Attack(
      name: "an agent's socket at a link",
      lines: "RUN ln -s $HERE/outside /run2\nRUN --mount=type=ssh,target=/run2/socket,required=false true"),
  ]

  @Test("nothing of the host is seen or changed", arguments: attacks.map(\.name))
  func attack(name: String) throws {
    let attack = try #require(Self.attacks.first { $0.name == name })
    try Workshop.open { shop in
      try shop.makeBase()
      try Files.createFolder(shop.folder + "/outside")
      try Files.write(Array(HostileContextTests.secret.utf8), to: shop.folder + "/outside/secret")
      try attack.prepare(shop)
      let lines = attack.lines.replacing("$HERE", with: shop.folder)
      var output = ""
      var files: [String: BuiltImage.Object] = [:]
      do {
        let image = try shop.build("FROM busybox\n\(lines)\n")
        output = image.output
        files = image.files
      } catch is BuildError {
      }
      #expect(!output.contains(HostileContextTests.secret) && !output.contains("mounted"))
      for file in files.values { #expect(!file.text.contains(HostileContextTests.secret)) }
      #expect(try Files.names(in: shop.folder + "/outside") == ["secret"])
      #expect(try Files.read(shop.folder + "/outside/secret") == Array(HostileContextTests.secret.utf8))
      if Files.exists(shop.folder + "/context/f") {
        #expect(try Files.read(shop.folder + "/context/f") == Array("kept".utf8))
      }
    }
  }
}
