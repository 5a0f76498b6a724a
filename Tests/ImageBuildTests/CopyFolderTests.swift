import FileTree
import Isolation
import Layers
import OCIModel
import TestSupport
import Testing

@testable import ImageBuild

/// What COPY makes of the folder that it copies to, and the layers of `--link`; by the numbers of the semantics.
@Suite("Folders that are copied to")
struct CopyFolderTests {
  private static let sourceTime: Int64 = 1_500_000_000
  private static let buildTime: Int64 = 1_700_000_000

  /// The context holds `d/a` and `d/sub/b` of the source time, `d` with the mode 0711.
  private func withFolders(_ body: (Workshop) throws -> Void) throws {
    try Workshop.open { shop in
      try shop.write("d/a", "a")
      try shop.write("d/sub/b", "b")
      let context = shop.folder + "/context"
      let script = """
        chmod 711 d; chmod 750 d/sub
        find . -depth -exec touch -d @\(Self.sourceTime) {} +
        """
      let done = try Processes.run("sh", ["-c", script], folder: context)
      #expect(done.status == 0, "\(done.errorText)")
      try body(shop)
    }
  }

  @Test(
    "C22 a new destination has the mode 0755 and the time of the folder that is copied", arguments: ["", "/"])
  func newDestination(slash: String) throws {
    try withFolders { shop in
      let image = try shop.build("FROM scratch\nCOPY d /x\(slash)\nCOPY d /new/y\n")
      #expect(image.files["x"]?.permissions == 0o755)
      #expect(image.files["x"]?.modified == Self.sourceTime)
      #expect(image.files["x/sub"]?.permissions == 0o750)
      #expect(image.files["x/sub"]?.modified == Self.sourceTime)
      #expect(image.files["new"]?.modified == Self.buildTime)
      #expect(image.files["new/y"]?.modified == Self.sourceTime)
    }
  }

  @Test("C22 the context's own folder leaves no time")
  func wholeContext() throws {
    try withFolders { shop in
      let image = try shop.build("FROM scratch\nCOPY . /x\nWORKDIR /w\nCOPY . .\n")
      for folder in ["x", "w"] {
        #expect(image.files[folder]?.permissions == 0o755)
        #expect(image.files[folder]?.modified == Self.buildTime)
        #expect(image.files["\(folder)/d"]?.permissions == 0o711)
        #expect(image.files["\(folder)/d"]?.modified == Self.sourceTime)
      }
    }
  }

  @Test("C20 a destination that exists keeps its mode and gets the time")
  func existingDestination() throws {
    try withFolders { shop in
      let image = try shop.build("FROM scratch\nCOPY --parents d/sub /x/\nCOPY d/sub /x/d\n")
      #expect(image.files["x/d"]?.permissions == 0o711)
      #expect(image.files["x/d"]?.modified == Self.sourceTime)
    }
  }

  @Test("C37 of several sources the last decides the time of the destination")
  func severalSources() throws {
    try withFolders { shop in
      let image = try shop.build(
        "FROM scratch\nCOPY d/* /folder-last/\nCOPY d/sub d/a /file-last/\n")
      #expect(image.files["folder-last"]?.modified == Self.sourceTime)
      #expect(image.files["file-last"]?.modified == Self.buildTime)
    }
  }

  @Test(
    "C113 from a stage: what is in the folder keeps its owner, the new destination is root's",
    .enabled(if: Workshop.isRoot, "needs root"))
  func ownersFromStage() throws {
    try withFolders { shop in
      let image = try shop.build(
        """
        FROM scratch AS a
        COPY --chown=65:66 d /d
        FROM scratch
        COPY --from=a /d /x
        COPY --from=a --chown=1:2 /d /y
        """)
      #expect(image.files["x"]?.owner == .root)
      #expect(image.files["x/sub"]?.owner == Owner(uid: 65, gid: 66))
      #expect(image.files["y"]?.owner == Owner(uid: 1, gid: 2))
    }
  }

  @Test("C82 --chmod reaches the destination")
  func modes() throws {
    try withFolders { shop in
      let image = try shop.build(
        "FROM scratch\nCOPY --chmod=700 d /new/x\nCOPY --chmod=u=rwX,go=rX d /y\n")
      #expect(image.files["new"]?.permissions == 0o755)
      #expect(image.files["new/x"]?.permissions == 0o700)
      #expect(image.files["y"]?.permissions == 0o755)
      #expect(image.files["y/sub"]?.permissions == 0o755)
    }
  }

  @Test("C23 folders on the way keep a usable mode, whatever --chmod says")
  func modesOnTheWay() throws {
    try withFolders { shop in
      let image = try shop.build(
        "FROM scratch\nCOPY --chmod=4711 d/a /number/y\nCOPY --chmod=go= d/a /letters/y\nCOPY --chmod=go= d /new\n"
      )
      #expect(image.files["number"]?.permissions == 0o755)
      #expect(image.files["number/y"]?.permissions == 0o4711)
      #expect(image.files["letters"]?.permissions == 0o755)
      #expect(image.files["letters/y"]?.permissions == 0o600)
      #expect(image.files["new"]?.permissions == 0o755)
      #expect(image.files["new/sub"]?.permissions == 0o700)
    }
  }

  @Test(
    "C90 the folders of --parents have the modes of the source, also with --chmod, and the time of the build")
  func parents() throws {
    try withFolders { shop in
      let image = try shop.build(
        "FROM scratch\nCOPY --parents d/sub/b /x/\nCOPY --parents --chmod=700 d/sub/b /y/\n")
      for folder in ["x/d", "x/d/sub", "y/d", "y/d/sub"] {
        #expect(image.files[folder]?.modified == Self.buildTime)
      }
      #expect(image.files["x/d"]?.permissions == 0o711)
      #expect(image.files["x/d/sub"]?.permissions == 0o750)
      #expect(image.files["y/d"]?.permissions == 0o711)
      #expect(image.files["x/d/sub/b"]?.modified == Self.sourceTime)
    }
  }

  @Test("C124 a folder that only the names in an archive tell of has the time of the build")
  func impliedFolder() throws {
    try withFolders { shop in
      let context = shop.folder + "/context"
      let packed = try Processes.run("tar", ["-C", context, "-cf", context + "/x.tar", "d/sub/b"])
      #expect(packed.status == 0)
      let image = try shop.build("FROM scratch\nADD x.tar /x/\n")
      #expect(image.files["x/d"]?.modified == Self.buildTime)
      #expect(image.files["x/d/sub"]?.modified == Self.buildTime)
      #expect(image.files["x/d/sub/b"]?.modified == Self.sourceTime)
    }
  }

  @Test("C33, C86 nothing found makes no folder, everything excluded makes one")
  func nothing() throws {
    try withFolders { shop in
      let nothing = try shop.build("FROM scratch\nCOPY nope* /x/\n")
      #expect(nothing.paths.isEmpty)
      let excluded = try shop.build("FROM scratch\nCOPY --exclude=a d/a /x/\n")
      #expect(excluded.paths == ["x"])
    }
  }

  // MARK: --link

  @Test("C100, C103 the layer of --link is the same on every base, and has the folders on the way")
  func link() throws {
    try withFolders { shop in
      let lines = "COPY --link d/a /x/y/\nCOPY --link --parents d/sub /x/\n"
      let alone = try shop.build("FROM scratch\n" + lines)
      let above = try shop.build("FROM scratch\nCOPY d /x\nCOPY d /other\n" + lines)
      #expect(alone.result.image.diffIDs.suffix(2) == above.result.image.diffIDs.suffix(2))
      #expect(alone.layers.first == ["x/", "x/y/", "x/y/a"])
      #expect(above.files["x/a"] != nil)
      #expect(above.files["x"]?.permissions == 0o755)
      #expect(above.files["x"]?.modified == Self.buildTime)
    }
  }

  @Test("C101 a symbolic link on the way is replaced")
  func linkOverLink() throws {
    try withFolders { shop in
      try Files.createFolder(shop.folder + "/context/l")
      try shop.link("l/here", to: "/there")
      let image = try shop.build("FROM scratch\nCOPY l /\nCOPY d /there\nCOPY --link d/a /here/a\n")
      #expect(image.files["here"]?.kind == .directory)
      #expect(image.files["here/a"]?.text == "a")
    }
  }

  @Test(
    "a step behind --link sees its files",
    .enabled(if: Workshop.canRun, "needs busybox-static and namespaces"))
  func behindLink() throws {
    try withFolders { shop in
      try shop.makeBase()
      let image = try shop.build(
        """
        FROM busybox AS one
        COPY --link d/a /bin/extra
        RUN test -x /bin/sh && cat /bin/extra > /seen
        FROM busybox
        COPY --link --from=one /seen /seen
        RUN cp /seen /again
        """)
      #expect(image.text("again") == "a")
    }
  }

  @Test("W04 a working directory of a user that the image has not is root's")
  func unknownUser() throws {
    try withFolders { shop in
      let image = try shop.build("FROM scratch\nUSER nobody-here:group\nWORKDIR /w\n")
      #expect(image.files["w"]?.owner == .root)
      #expect(image.result.image.config.user == "nobody-here:group")
    }
  }

  @Test(
    "W04 a working directory of a number is the group's of that number too",
    .enabled(if: Workshop.isRoot, "needs root"))
  func numericUser() throws {
    try withFolders { shop in
      let image = try shop.build("FROM scratch\nUSER 77\nWORKDIR /w\nUSER 77:78\nWORKDIR /v\n")
      #expect(image.files["w"]?.owner == Owner(uid: 77, gid: 77))
      #expect(image.files["v"]?.owner == Owner(uid: 77, gid: 78))
    }
  }
}
