import FileTree
import Glibc
import Isolation
import Layers
import OCIModel
import SourceText
import TestSupport
import Testing

@testable import ImageBuild

/// COPY and ADD, by the numbers of the semantics that Slipway follows.
@Suite("COPY and ADD")
struct CopyTests {
  /// The lines after `FROM scratch`, and the files in the image; the context holds `f`, `g`, `d/a`, `d/sub/b`.
  static let places: [(name: String, lines: String, paths: [String])] = [
    ("C01 to a file", "COPY f /x", ["x"]),
    ("C02 to a folder", "COPY f /x/", ["x", "x/f"]),
    ("C03 through new folders", "COPY f /x/y/z", ["x", "x/y", "x/y/z"]),
    ("C05 a folder's contents", "COPY d /x", ["x", "x/a", "x/sub", "x/sub/b"]),
    ("C06 with a slash as well", "COPY d /x/", ["x", "x/a", "x/sub", "x/sub/b"]),
    ("C07 however the source is written", "COPY ./d/. /x", ["x", "x/a", "x/sub", "x/sub/b"]),
    ("C08 a slash behind a file", "COPY f/ /x", ["x"]),
    ("C09 relative to the root", "COPY f x", ["x"]),
    ("C10 relative to the working directory", "WORKDIR /w\nCOPY f .", ["w", "w/f"]),
    ("C11 never above the root", "COPY f ../../../x", ["x"]),
    ("C12 into a folder that exists", "COPY d /e\nCOPY f /e", ["e", "e/a", "e/f", "e/sub", "e/sub/b"]),
    ("C30 the context is the root of sources", "COPY /f /x", ["x"]),
    ("C31 .. stays in the context", "COPY ../f /x", ["x"]),
    ("C33 a wildcard without a match", "COPY nope* /x", []),
    ("C34 beside a match", "COPY nope* f /x/", ["x", "x/f"]),
    ("C36 two stars are one", "COPY **/b /x/", []),
    ("C37 contents of matching folders", "COPY d* /x/", ["x", "x/a", "x/sub", "x/sub/b"]),
    ("C39 a link named is followed", "COPY link /x", ["x"]),
    ("C40 a link to a folder", "COPY dlink /x", ["x", "x/a", "x/sub", "x/sub/b"]),
    ("C43 links on the way are followed", "COPY dlink/a /x", ["x"]),
    ("C84 excluded names", "COPY --exclude=sub d /x", ["x", "x/a"]),
    (
      "C85 excluded of each match", "COPY --exclude=a * /x/",
      ["x", "x/f", "x/g", "x/link", "x/sub", "x/sub/b"]
    ),
    (
      "C85 and not of the context", "COPY --exclude=d/a * /x/",
      ["x", "x/a", "x/f", "x/g", "x/link", "x/sub", "x/sub/b"]
    ),
    ("C86 everything excluded", "COPY --exclude=* d /x/", ["x"]),
    ("C90 with parents", "COPY --parents d/sub/b /x/", ["x", "x/d", "x/d/sub", "x/d/sub/b"]),
    ("C91 from a pivot on", "COPY --parents d/./sub/b /x/", ["x", "x/sub", "x/sub/b"]),
    ("C92 any depth", "COPY --parents **/a /x/", ["x", "x/d", "x/d/a"]),
    ("C90 nothing matches", "COPY --parents nope/* /x/", ["x"]),
    ("C91 nothing matches behind the pivot", "COPY --parents d/./nope* /x/", ["x"]),
    ("C93 from above the context", "COPY --parents ../f /p/", ["p", "p/f"]),
    ("C94 with a dot in front", "COPY --parents ./d/ /x/", ["x", "x/d", "x/d/a", "x/d/sub", "x/d/sub/b"]),
    ("C95 a folder itself", "COPY --parents d /x/", ["x", "x/d", "x/d/a", "x/d/sub", "x/d/sub/b"]),
    ("H04 a here-document", "COPY <<EOF /x\nhi\nEOF", ["x"]),
    ("H06 two here-documents", "COPY <<a <<b /x/\n1\na\n2\nb", ["x", "x/a", "x/b"]),
  ]

  @Test("Where files go", arguments: places.indices)
  func destination(index: Int) throws {
    let row = Self.places[index]
    try Workshop.open { shop in
      try shop.write("f", "f")
      try shop.write("g", "g")
      try shop.write("d/a", "a")
      try shop.write("d/sub/b", "b")
      try shop.link("link", to: "f")
      try shop.link("dlink", to: "d")
      #expect(try shop.build("FROM scratch\n\(row.lines)\n").paths == row.paths, "\(row.name)")
    }
  }

  @Test("C13-C15, C32, C42, C44 what cannot be copied")
  func failures() throws {
    try Workshop.open { shop in
      try shop.write("f", "f")
      try shop.write("g", "g")
      try shop.write("d/f/x", "x")
      try shop.link("out", to: "/etc/passwd")
      try shop.link("dangling", to: "nothing")
      func kind(_ lines: String) throws -> BuildProblem.Kind {
        try shop.failure("FROM scratch\n\(lines)\n").kind
      }
      #expect(try kind("COPY f /x\nCOPY d /x") == .destinationNotFolder("/x"))
      #expect(try kind("COPY d /x\nCOPY f /x") == .copy(.fileOverFolder("x/f")))
      #expect(try kind("COPY nope /x") == .sourceNotFound("nope", isIgnored: false))
      #expect(try kind("COPY out /x") == .sourceNotFound("out", isIgnored: false))
      #expect(try kind("COPY dangling /x") == .sourceNotFound("dangling", isIgnored: false))
      let malformed = try kind("COPY g* [ /x/")
      #expect(malformed == .pattern(.malformed(pattern: Array("[".utf8))))
      #expect(try kind("COPY f g /x") == .severalSources("/x"))
      #expect(try kind("COPY --chown=me f /x") == .owner(.noUserFile(Array("me".utf8))))
      #expect(try shop.failure("FROM scratch\nCOPY nope /x").instruction == 1)
    }
  }

  @Test("C15-C17 links in the destination are followed inside the image")
  func destinationLinks() throws {
    try Workshop.open { shop in
      try shop.write("f", "f")
      try shop.write("tree/real/keep")
      try shop.link("tree/l", to: "real")
      try shop.link("tree/out", to: "../../../../elsewhere")
      let image = try shop.build("FROM scratch\nCOPY tree /\nCOPY f /l\nCOPY f /out\nCOPY f /l/../k\n")
      #expect(image.text("real/f") == "f")
      #expect(image.text("elsewhere") == "f")
      #expect(image.text("k") == "f")
      #expect(image.files["l"]?.kind == .symbolicLink(target: "real"))
    }
  }

  @Test("C24 a file that is replaced is a new file")
  func replacing() throws {
    try Workshop.open { shop in
      try shop.write("f", "old")
      try shop.write("g", "new")
      let image = try shop.build("FROM scratch\nCOPY f /x\nCOPY g /x\n")
      #expect(image.text("x") == "new")
      #expect(image.layers == [["x"], ["x"]])
    }
  }

  @Test("C04 what one wildcard finds becomes one file, with a warning")
  func overwriting() throws {
    try Workshop.open { shop in
      try shop.write("a.txt", "a")
      try shop.write("b.txt", "b")
      let image = try shop.build("FROM scratch\nCOPY *.txt /x\n")
      #expect(image.text("x") == "b")
      #expect(image.warnings == [.overwritten("/x")])
    }
  }

  @Test(
    "C49, C60-C64, C80, C82 modes and owners",
    .enabled(if: Workshop.canRun && Workshop.isRoot, "needs root and busybox-static"))
  func owners() throws {
    try Workshop.open { shop in
      try shop.makeBase()
      try shop.write("f", "f", mode: 0o4755)
      try shop.write("d/a", "a", mode: 0o600)
      let image = try shop.build(
        """
        FROM busybox
        COPY f /kept
        COPY --chown=lp f /lp
        COPY --chown=4 f /four
        COPY --chown=app: f /app
        COPY --chown=:staff f /staff
        COPY --chown=3000000:3000001 f /big
        COPY --chown=4:5 --chmod=640 d /new/d
        COPY --chmod=u=rwX,go=rX d /symbolic
        """)
      func owner(_ path: String) -> Owner? { image.files[path]?.owner }
      #expect(image.files["kept"]?.permissions == 0o4755)
      #expect(owner("kept") == .root)
      #expect(owner("lp") == Owner(uid: 4, gid: 7))
      #expect(owner("four") == Owner(uid: 4, gid: 4))
      #expect(owner("app") == Owner(uid: 100, gid: 0))
      #expect(owner("staff") == Owner(uid: 0, gid: 50))
      #expect(owner("big") == Owner(uid: 3_000_000, gid: 3_000_001))
      #expect(owner("new") == Owner(uid: 4, gid: 5))
      #expect(image.files["new"]?.permissions == 0o755, "C23 folders on the way keep a usable mode")
      #expect(image.files["new/d/a"]?.permissions == 0o640)
      #expect(image.files["new/d"]?.permissions == 0o640)
      #expect(image.files["symbolic/a"]?.permissions == 0o644)
    }
  }

  @Test("C45 hard links stay, C50 times stay")
  func links() throws {
    try Workshop.open { shop in
      try shop.write("d/a", "a")
      #expect(unsafe Glibc.link(shop.folder + "/context/d/a", shop.folder + "/context/d/b") == 0)
      let touched = try Processes.run("touch", ["-d", "@1500000000", shop.folder + "/context/d/a"])
      #expect(touched.status == 0)
      let image = try shop.build("FROM scratch\nCOPY d /x\n")
      #expect(image.files["x/b"]?.kind == .hardLink(to: "x/a"))
      #expect(image.files["x/a"]?.modified == 1_500_000_000)
    }
  }

  @Test("C53 a name that means a removal is refused")
  func reserved() throws {
    try Workshop.open { shop in
      try shop.write("d/.wh.x")
      #expect(try shop.failure("FROM scratch\nCOPY d /\n").kind == .layer(.reservedName(path: ".wh.x")))
    }
  }

  @Test(
    "C112, C113 from a stage: paths from its root, owners kept", .enabled(if: Workshop.isRoot, "needs root"))
  func fromStage() throws {
    try Workshop.open { shop in
      try shop.write("f", "f")
      try shop.write(".dockerignore", "w")
      let image = try shop.build(
        """
        FROM scratch AS a
        WORKDIR /w
        COPY --chown=65:66 f q
        FROM scratch
        COPY --from=a w/q /x
        COPY --from=0 --chown=1:2 /w /y
        """)
      #expect(image.files["x"]?.owner == Owner(uid: 65, gid: 66))
      #expect(image.files["y/q"]?.owner == Owner(uid: 1, gid: 2))
      #expect(
        try shop.failure("FROM scratch AS a\nWORKDIR /w\nCOPY f q\nFROM scratch\nCOPY --from=a q /x").kind
          == .sourceNotFound("q", isIgnored: false))
    }
  }

  @Test("C113 owners that the disk cannot hold reach the layer all the same")
  func recordedOwners() throws {
    try Workshop.open { shop in
      try shop.write("f", "f", mode: 0o000)
      var request = BuildRequest(
        dockerfile: .init(
          name: "Dockerfile",
          text: """
            FROM scratch AS a
            COPY --chown=65:66 --chmod=000 f /d/f
            FROM a
            COPY --from=a /d /e
            COPY --chown=7 f /d/f
            """),
        context: BytePath("\(shop.folder)/context"), created: Timestamp(seconds: 0))
      request.clampsTimes = true
      guard Workshop.isRoot else { return }
      let result = try Builder(request, store: shop.store, identity: .namespaceRoot).build { _ in }
      let image = try BuiltImage(result, shop.store, output: "", warnings: [], verdicts: [])
      #expect(image.files["e/f"]?.owner == Owner(uid: 65, gid: 66))
      #expect(image.files["e/f"]?.permissions == 0)
      #expect(image.files["d/f"]?.owner == Owner(uid: 7, gid: 7))
      #expect(image.files["d"]?.owner == Owner(uid: 65, gid: 66))
    }
  }

  @Test("C120-C122 ADD unpacks archives, whatever they are called")
  func archives() throws {
    try Workshop.open { shop in
      try shop.write("in/a/b", "content")
      let context = shop.folder + "/context"
      let packed = try Processes.run("tar", ["-C", context + "/in", "-czf", context + "/x.txt", "a"])
      #expect(packed.status == 0)
      try shop.write("plain.tar", "no archive at all")
      let image = try shop.build("FROM scratch\nADD x.txt plain.tar /d\nADD --unpack=false x.txt /raw\n")
      #expect(image.text("d/a/b") == "content")
      #expect(image.text("d/plain.tar") == "no archive at all")
      #expect(image.files["raw"]?.kind != .directory)
    }
  }

  /// Lines of .dockerignore, and what is left of `a`, `d/e`, `d/f`, `x.md` besides the Dockerfile's own.
  static let ignores: [(String, [String])] = [
    ("a", ["d", "d/e", "d/f", "x.md"]), ("d", ["a", "x.md"]), ("*.md", ["a", "d", "d/e", "d/f"]),
    ("**/e", ["a", "d", "d/f", "x.md"]), ("e", ["a", "d", "d/e", "d/f", "x.md"]),
    ("d\n!d/f", ["a", "d", "d/f", "x.md"]), ("**", []), ("*\n!a", ["a"]),
    ("# d\n\n  a  ", ["d", "d/e", "d/f", "x.md"]),
  ]

  @Test("D03-D09 .dockerignore", arguments: ignores.indices)
  func ignore(index: Int) throws {
    let (lines, paths) = Self.ignores[index]
    try Workshop.open { shop in
      for name in ["a", "d/e", "d/f", "x.md"] { try shop.write(name) }
      try shop.write(".dockerignore", lines)
      let image = try shop.build("FROM scratch\nCOPY . /\n")
      #expect(image.paths.filter { $0 != ".dockerignore" } == paths, "\(lines)")
    }
  }

  @Test("A tree as deep as paths can be")
  func deepTree() throws {
    try Workshop.open { shop in
      // The program does the same, which raises the limit that tests have from whoever runs them.
      OpenFileLimit.raise()
      let levels = 1900
      let script =
        "mkdir t && cd t && i=0 && while [ $i -lt \(levels) ]; do mkdir d && cd d && i=$((i+1)); done"
      let made = try Processes.run("sh", ["-c", script], folder: shop.folder + "/context")
      #expect(made.status == 0, "\(made.errorText)")
      let image = try shop.build("FROM scratch AS a\nCOPY . /x\nFROM scratch\nCOPY --from=a /x /y\n")
      #expect(image.layers[0].count == levels + 2)
    }
  }

  @Test("C32 a source that .dockerignore leaves out is told so")
  func ignoredSource() throws {
    try Workshop.open { shop in
      try shop.write("a")
      try shop.write(".dockerignore", "a")
      #expect(try shop.failure("FROM scratch\nCOPY a /\n").kind == .sourceNotFound("a", isIgnored: true))
    }
  }

  @Test("H04, H05 here-documents expand variables unless they are quoted")
  func documents() throws {
    try Workshop.open { shop in
      let image = try shop.build(
        "FROM scratch\nENV v=1\nCOPY <<E /a\n$v \"q\" \\$v\nE\nCOPY <<'E' /b\n$v\nE\nCOPY <<-E /c\n\t\tx\n\tE\n"
      )
      #expect(image.text("a") == "1 \"q\" $v\n")
      #expect(image.text("b") == "$v\n")
      #expect(image.text("c") == "x\n")
      #expect(image.files["a"]?.permissions == 0o644)
    }
  }

  @Test(
    "L02 what is copied once more is not in the layer once more, whether the first copy was executed or cached"
  )
  func copiedTwice() throws {
    try Workshop.open { shop in
      try shop.write("d/f", "text")
      try shop.write("d/g", "TEXT")
      try shop.link("d/l", to: "f")
      let folder = try Directory(opening: BytePath(shop.folder + "/context/d"))
      // Later than the image's time, and not in whole seconds.
      for name: BytePath in ["f", "g", "l"] {
        try folder.setModified(name, Timestamp(seconds: 1_750_000_000, nanoseconds: 7))
      }
      let first = "FROM scratch\nCOPY d /d\n"
      let again = first + "COPY d /d\nCOPY d/f /d/f\n"
      for clamps in [true, false] {
        let cold = try shop.build(again) {
          $0.refusesCache = true
          $0.clampsTimes = clamps
        }
        #expect(cold.layers.dropFirst() == [[], []])
        _ = try shop.build(first) { $0.clampsTimes = clamps }
        let cached = try shop.build(again + "COPY --chown=1 d/l /d/l\n") { $0.clampsTimes = clamps }
        #expect(cached.layers.dropFirst() == [[], [], ["d/", "d/f"]])
        #expect(cached.result.image.diffIDs.prefix(3) == cold.result.image.diffIDs[...])
      }
      // The same size, time, mode and owner, and another content; and what has other metadata.
      let other = first + "COPY d/g /d/f\n"
      #expect(try shop.build(other).layers.last == ["d/", "d/f"])
      #expect(try shop.build(other).text("d/f") == "TEXT")
      #expect(try shop.build(first + "COPY --chmod=600 d/f /d/f\n").layers.last == ["d/", "d/f"])
      #expect(try shop.build(first + "COPY --chown=1 d/f /d/f\n").layers.last == ["d/", "d/f"])
    }
  }
}
