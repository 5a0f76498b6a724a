import FileTree
import Glibc
import Layers
import OCIModel
import Testing
import TreeTestSupport

@Suite("Applying layers")
struct ExtractorTests {
  private func archive(_ build: (inout HandmadeTar) -> Void) -> [UInt8] {
    var tar = HandmadeTar()
    build(&tar)
    return tar.finished
  }

  private func names(_ tree: TemporaryTree) throws -> [BytePath] {
    try Snapshot.capture(tree.shared.directory).entries.map(\.path)
  }

  // MARK: Hostile archives

  /// Each of these tries to reach `outside`, which lies beside the tree.
  static let hostileArchives: [(name: String, build: @Sendable (inout HandmadeTar) -> Void)] = [
    ("dot-dot", { $0.add("../outside/x") }),
    ("dot-dot inside", { $0.add("a/../../outside/x") }),
    (
      "dot-dot after a link",
      {
        $0.add("l", type: "2", link: ".."); $0.add("l/outside/x")
      }
    ),
    ("absolute", { $0.add("/outside/x") }),
    (
      "link to the host, then a file through it",
      {
        $0.add("l", type: "2", link: "../outside"); $0.add("l/x")
      }
    ),
    (
      "absolute link, then a file",
      {
        $0.add("l", type: "2", link: "/tmp"); $0.add("l/slipway-escaped")
      }
    ),
    (
      "link, then a file of the same name",
      {
        $0.add("l", type: "2", link: "../outside/kept"); $0.add("l", content: [1])
      }
    ),
    (
      "chain of links",
      { tar in
        tar.add("a", type: "2", link: "b")
        tar.add("b", type: "2", link: "../../outside")
        tar.add("a/x")
      }
    ),
    (
      "loop of links",
      {
        $0.add("a", type: "2", link: "b"); $0.add("b", type: "2", link: "a"); $0.add("a/x")
      }
    ),
    ("hard link to outside", { $0.add("h", type: "1", link: "../outside/kept") }),
    (
      "hard link through a link",
      { tar in
        tar.add("l", type: "2", link: "../outside")
        tar.add("h", type: "1", link: "l/kept")
      }
    ),
    (
      "hard link, then written through",
      { tar in
        tar.add("l", type: "2", link: "../outside/kept")
        tar.add("h", type: "1", link: "l")
        tar.add("h", content: [1])
      }
    ),
    (
      "folder over a link",
      { tar in
        tar.add("l", type: "2", link: "../outside")
        tar.add("l", type: "5", mode: 0)
        tar.add("l/x")
      }
    ),
    (
      "whiteout through a link",
      {
        $0.add("l", type: "2", link: "../outside"); $0.add("l/.wh.kept")
      }
    ),
    ("whiteout of dot-dot", { $0.add("d/.wh...") }),
    (
      "whiteout of dot",
      {
        $0.add("d", type: "5"); $0.add("d/.wh..")
      }
    ),
    (
      "opaque through a link",
      {
        $0.add("l", type: "2", link: "../outside"); $0.add("l/.wh..wh..opq")
      }
    ),
    ("whiteout in the middle", { $0.add(".wh.x/y") }),
    (
      "file below a file",
      {
        $0.add("f"); $0.add("f/x")
      }
    ),
    (
      "name of pax with dot-dot",
      {
        $0.addPax("path", Array("../outside/x".utf8)); $0.add("f")
      }
    ),
    (
      "link target of pax",
      {
        $0.addPax("linkpath", Array("../outside/kept".utf8)); $0.add("f", type: "1")
      }
    ),
    ("cut short", { $0.add("f", content: [1, 2, 3], size: 5000) }),
    (
      "nothing but dots",
      {
        $0.add("././."); $0.add("..")
      }
    ),
  ]

  @Test("nothing is written outside", arguments: hostileArchives.map(\.name))
  func hostile(name: String) throws {
    let build = try #require(Self.hostileArchives.first { $0.name == name }?.build)
    let outer = try TemporaryTree()
    try outer.file("outside/kept", "kept", permissions: 0o640)
    let root = outer.shared
    try root.directory.makeDirectory("root")
    let before = try Snapshot.capture(root.directory) { path, _ in path == "root" }
    let inner = SharedDirectory(try root.directory.openDirectory("root"))
    var extractor = Extractor(inner, placement: Placement(owners: OwnershipTable()))
    let reader = try ArchiveReader(MemorySource(archive(build)), compression: nil)
    // Either it fails, or what it wrote is inside.
    do throws(LayerError) { _ = try extractor.apply(reader) } catch {}
    let after = try Snapshot.capture(root.directory) { path, _ in path == "root" }
    let diff = LayerDiff(from: before, to: after) { _ in false }
    #expect(diff.isEmpty && diff.formerTimes.isEmpty)
    #expect(try outer.text("outside/kept") == "kept")
    #expect(unsafe access("/tmp/slipway-escaped", F_OK) != 0)
  }

  @Test("what cannot be meant well is an error that names the member")
  func errors() throws {
    let tree = try TemporaryTree()
    func fails(_ error: LayerError, _ build: (inout HandmadeTar) -> Void) {
      #expect(throws: error) { try extract(archive(build), into: tree) }
    }
    fails(.unsafePath("a/../b")) { $0.add("a/../b") }
    fails(.linkTarget(path: "h", target: "nope")) { $0.add("h", type: "1", link: "nope") }
    fails(.reservedName(path: ".wh.x/y")) { $0.add(".wh.x/y") }
    fails(.unsafePath(".wh...")) { $0.add(".wh...") }
    var options = ExtractOptions()
    options.whiteouts = .reject
    #expect(throws: LayerError.reservedName(path: ".wh.x")) {
      try extract(archive { $0.add(".wh.x") }, into: tree, options)
    }
  }

  @Test("archives larger than allowed are errors") func limits() throws {
    let tree = try TemporaryTree()
    var options = ExtractOptions()
    options.limits.members = 2
    #expect(throws: LayerError.limit(.entries(2), path: "b")) {
      try extract(
        archive {
          $0.add("a"); $0.add("b"); $0.add("c")
        }, into: tree, options)
    }
    options.limits = ArchiveLimits()
    options.limits.totalBytes = 4096
    #expect(throws: LayerError.limit(.totalBytes(4096), path: nil)) {
      try extract(archive { $0.add("a", content: [UInt8](repeating: 0, count: 8192)) }, into: tree, options)
    }
    options.limits = ArchiveLimits()
    options.limits.pathBytes = 10
    #expect(throws: LayerError.limit(.pathLength(10), path: "abcdefghijk")) {
      try extract(archive { $0.add("abcdefghijk") }, into: tree, options)
    }
  }

  @Test("an archive that is no archive, or damaged, is an error", arguments: [1, 40, 600, 1300])
  func damaged(cut: Int) throws {
    let tree = try TemporaryTree()
    let entry = LayerEntry(
      path: "f",
      kind: .file(size: 3000, .bytes((0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 4) })))
    let (_, blob) = try write([entry], codec: .gzip)
    #expect(throws: LayerError.self) {
      try extract(Array(blob.prefix(min(cut, blob.count - 10))), into: tree)
    }
    #expect(throws: LayerError.self) { try extract([UInt8](repeating: 0x41, count: 2000), into: tree) }
  }

  @Test("a layer that is not the promised one is an error") func diffID() throws {
    let tree = try TemporaryTree()
    let (layer, blob) = try write([LayerEntry(path: "p", kind: .fifo)], codec: .gzip)
    var options = ExtractOptions()
    options.expectedDiffID = layer.diffID
    #expect(try extract(blob, into: tree, options).report.diffID == layer.diffID)
    let other = Digest(of: [])
    options.expectedDiffID = other
    #expect(throws: LayerError.wrongDiffID(expected: other, actual: layer.diffID)) {
      try extract(blob, into: tree, options)
    }
  }

  @Test("the digest covers what follows the end of the archive") func padding() throws {
    let tree = try TemporaryTree()
    let padded = archive { $0.add("f") } + [UInt8](repeating: 0, count: 20480)
    #expect(try extract(padded, into: tree).report.diffID == Digest(of: padded))
  }

  // MARK: Semantics

  @Test("L22: removals act on what was there before, wherever they stand") func whiteouts() throws {
    for whiteoutFirst in [true, false] {
      let tree = try TemporaryTree()
      try tree.file("d/old")
      try tree.file("d/sub/old")
      try tree.file("gone")
      try tree.file("folder/x/y")
      _ = try extract(
        archive { tar in
          if whiteoutFirst { tar.add(".wh.d") }
          tar.add("d", type: "5", mode: 0o755)
          tar.add("d/new")
          tar.add("d/sub", type: "5", mode: 0o755)
          tar.add("d/sub/new")
          if !whiteoutFirst { tar.add(".wh.d") }
          tar.add(".wh.gone")
          tar.add(".wh.folder")
          tar.add(".wh.never-there")
          tar.add("no/such/.wh.folder")
        }, into: tree)
      #expect(try names(tree) == ["d", "d/new", "d/sub", "d/sub/new"])
    }
  }

  @Test("L04, L22: an opaque folder hides what lower layers have in it", arguments: [true, false])
  func opaque(markFirst: Bool) throws {
    let tree = try TemporaryTree()
    try tree.file("d/old")
    try tree.file("d/sub/old")
    try tree.file("d/kept/old")
    _ = try extract(
      archive { tar in
        if markFirst { tar.add("d/.wh..wh..opq") }
        tar.add("d/kept/new")
        if !markFirst { tar.add("d/.wh..wh..opq") }
        tar.add(".wh..wh.plnk", type: "5")
      }, into: tree)
    #expect(try names(tree) == ["d", "d/kept", "d/kept/new"])
  }

  @Test("C125, C127, C128, L05: what is there is replaced, folders are merged, the last one wins")
  func replacing() throws {
    let tree = try TemporaryTree()
    try tree.file("real/kept", "kept")
    try tree.link("link", to: "real")
    try tree.file("was-folder/x")
    try tree.file("was-file")
    try tree.file("linked", "old")
    try tree.shared.directory.makeHardLink(to: "linked", at: "other")
    _ = try extract(
      archive { tar in
        tar.add("real", type: "5", mode: 0o700)
        tar.add("link", type: "5", mode: 0o755)
        tar.add("was-folder", content: [0x31])
        tar.add("was-file", type: "5", mode: 0o755)
        tar.add("was-file/in")
        tar.add("linked", content: [0x6e])
        tar.add("twice", content: [0x31], mode: 0o600)
        tar.add("twice", content: [0x32], mode: 0o644)
        tar.add("hard", type: "1", link: "twice", mode: 0o777)
        tar.add("hard", type: "1", link: "./hard", mode: 0o777)
      }, into: tree)
    let root = tree.shared
    #expect(try root.directory.status("link").type == .directory && tree.text("real/kept") == "kept")
    #expect(try root.directory.status("real").permissions == 0o700)
    #expect(try tree.text("was-folder") == "1" && root.directory.status("was-file/in").isRegular)
    #expect(try tree.text("other") == "old" && tree.text("linked") == "n")
    #expect(try tree.text("twice") == "2" && root.directory.status("hard").linkCount == 2)
    #expect(try root.directory.status("twice").permissions == 0o644)
  }

  @Test("C126, L22: members go through links inside the root") func throughLinks() throws {
    let tree = try TemporaryTree()
    try tree.file("run/x")
    try tree.link("var/run", to: "/run")
    _ = try extract(
      archive {
        $0.add("var/run/new", content: [0x31]); $0.add("var/run/.wh.x")
      }, into: tree)
    #expect(try names(tree) == ["run", "run/new", "var", "var/run"])
  }

  @Test("folders get their times last, and those outside the layer keep theirs") func folderTimes() throws {
    let tree = try TemporaryTree()
    try tree.file("lower/f")
    try tree.shared.directory.setModified("lower", Timestamp(seconds: 42, nanoseconds: 7))
    let entries = [
      LayerEntry(path: "d", kind: .directory, permissions: 0o500, modified: 11),
      LayerEntry(path: "d/f", kind: .file(size: 0, .bytes([])), permissions: 0o444, modified: 12),
      LayerEntry(path: "lower/g", kind: .fifo, permissions: 0o600, modified: 13),
    ]
    _ = try extract(write(entries).blob, into: tree)
    #expect(try tree.shared.directory.status("d").modified.seconds == 11)
    #expect(try tree.shared.directory.status("lower").modified == Timestamp(seconds: 42, nanoseconds: 7))
  }

  @Test("owners, devices and capabilities of an ordinary user go to the table, and back into a layer")
  func ownersKept() throws {
    let tree = try TemporaryTree()
    let capability = ExtendedAttribute(
      name: ExtendedAttribute.capabilityName,
      value: [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    let owner = Owner(uid: 33, gid: 34)
    let entries = [
      LayerEntry(path: "d", kind: .directory, permissions: 0o000, owner: owner, modified: 1),
      LayerEntry(
        path: "d/f", kind: .file(size: 2, .bytes([1, 2])), permissions: 0o4110, owner: owner, modified: 2,
        attributes: [capability]),
      LayerEntry(
        path: "d/h", kind: .hardLink(to: "d/f"), permissions: 0o4110, owner: owner, modified: 2,
        attributes: [capability]),
      LayerEntry(path: "l", kind: .symbolicLink(target: "x"), permissions: 0o777, owner: owner, modified: 3),
      LayerEntry(
        path: "null", kind: .characterDevice(DeviceNumber(major: 1, minor: 3)), permissions: 0o666,
        modified: 4),
      LayerEntry(path: "p", kind: .fifo, permissions: 0o622, owner: owner, modified: 5),
      LayerEntry(path: "plain", kind: .file(size: 0, .bytes([])), permissions: 0o644, modified: 6),
    ]
    let layer = try write(entries)
    let (_, table) = try extract(layer.blob, into: tree)
    let owners = try OwnershipTable(decoding: try #require(table).encoded)
    #expect(owners.count == 6)
    #expect(try tree.shared.directory.status("null").type == .regular)
    let snapshot = try Snapshot.capture(tree.shared.directory).applying(owners)
    let diff = LayerDiff(from: Snapshot(), to: snapshot) { _ in true }
    let again = try write(diff.layerEntries(root: tree.shared).entries)
    #expect(again.layer.diffID == layer.layer.diffID)
  }

  @Test("root gives files their owners on the disk", .enabled(if: isRoot, "needs root")) func ownersOnDisk()
    throws
  {
    let tree = try TemporaryTree()
    let entries = [
      LayerEntry(path: "d", kind: .directory, permissions: 0o2755, owner: Owner(uid: 1, gid: 2)),
      LayerEntry(
        path: "d/f", kind: .file(size: 0, .bytes([])), permissions: 0o6755, owner: Owner(uid: 3, gid: 4)),
      LayerEntry(
        path: "l", kind: .symbolicLink(target: "x"), permissions: 0o777, owner: Owner(uid: 5, gid: 6)),
    ]
    _ = try extract(write(entries).blob, into: tree, owners: nil)
    let root = tree.shared
    #expect(try root.directory.status("d").owner == Owner(uid: 1, gid: 2))
    #expect(try root.directory.status("d/f").owner == Owner(uid: 3, gid: 4))
    #expect(try root.directory.status("d/f").permissions == 0o6755)
    #expect(try root.directory.status("l").owner == Owner(uid: 5, gid: 6))
  }

  @Test("C123, C124: an archive goes below a folder, with owners of the caller's choice") func destination()
    throws
  {
    let tree = try TemporaryTree()
    try tree.link("to", to: "real/inner")
    var options = ExtractOptions()
    options.destination = "to"
    options.owner = Owner(uid: 9, gid: 9)
    let (_, owners) = try extract(
      archive { tar in
        tar.add("./", type: "5", mode: 0o700)
        tar.add("./f", content: [0x31])
        tar.add("h", type: "1", link: "./f")
        tar.add("/abs")
      }, into: tree, options)
    #expect(
      try names(tree) == ["real", "real/inner", "real/inner/abs", "real/inner/f", "real/inner/h", "to"])
    #expect(owners?["real/inner/f"]?.owner == Owner(uid: 9, gid: 9))
    #expect(try tree.shared.directory.status("real/inner").permissions == 0o755)
  }

  @Test("C126: for links in an archive the destination is the root") func linksBelowDestination() throws {
    let tree = try TemporaryTree()
    try tree.link("to/old", to: "/var")
    try tree.file("etc/x")
    var options = ExtractOptions()
    options.destination = "to"
    _ = try extract(
      archive { tar in
        tar.add("up", type: "2", link: "..")
        tar.add("up/etc/a")
        tar.add("root", type: "2", link: "/etc")
        tar.add("root/b")
        tar.add("hard", type: "1", link: "root/b")
        tar.add("old/c")
      }, into: tree, options)
    #expect(
      try names(tree) == [
        "etc", "etc/x", "to", "to/etc", "to/etc/a", "to/etc/b", "to/hard", "to/old", "to/root", "to/up",
        "to/var", "to/var/c",
      ])
  }

  @Test("C131: what other writers produce", .enabled(if: isInstalled("tar"))) func otherWriters() throws {
    let source = try TemporaryTree()
    let long = BytePath("d/" + String(repeating: "x", count: 200))
    try source.file(long, "long")
    do {
      let file = try source.shared.directory.createFile("sparse")
      try file.write([UInt8]("end"), at: 5 << 20)
    }
    for format in ["gnu --sparse", "posix --sparse", "pax", "oldgnu", "gnu -J", "gnu -j"] {
      guard !format.hasSuffix("-J") || isInstalled("xz"), !format.hasSuffix("-j") || isInstalled("bzip2")
      else {
        continue
      }
      let tree = try TemporaryTree()
      let made = run("cd \(source.path) && tar --format=\(format) -cf - d sparse > \(tree.path)/a.tar")
      #expect(made.status == 0)
      let blob = try tree.shared.directory.readFile("a.tar", limit: 64 << 20)
      _ = try extract(blob, into: tree)
      #expect(try tree.text(long) == "long", "\(format)")
      #expect(try tree.shared.directory.status("sparse").size == (5 << 20) + 3, "\(format)")
    }
  }
}
