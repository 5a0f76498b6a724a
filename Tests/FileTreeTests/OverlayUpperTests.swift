import FileTree
import Testing
import TreeTestSupport

/// Upper directories without a disk: each item is spelled out.
@Suite("What an overlay shows over a tree")
struct OverlaidSnapshotTests {
  private func entry(_ path: BytePath, _ type: FileType = .regular, inode: UInt64 = 1) -> Snapshot.Entry {
    let status = FileStatus(type: type, permissions: 0o755, device: 1, inode: inode)
    return Snapshot.Entry(path: path, status: status)
  }

  private func folder(_ path: BytePath, inode: UInt64 = 1) -> Snapshot.Entry {
    entry(path, .directory, inode: inode)
  }

  /// The merged tree; inodes of the upper directory are those from 10 on.
  private func merged(_ lower: [Snapshot.Entry], _ upper: [OverlayUpper.Item]) -> [String] {
    Snapshot(sorted: lower).overlaid(by: OverlayUpper(sorted: upper)).entries
      .map { "\($0.path)\($0.status.isDirectory ? "/" : "") \($0.status.inode)" }
  }

  private var lower: [Snapshot.Entry] {
    [
      folder("d", inode: 2), entry("d/f", inode: 3), folder("d/g", inode: 4), entry("d/g/h", inode: 5),
      entry("d-e", inode: 6),
    ]
  }

  @Test("an empty upper directory changes nothing") func empty() {
    #expect(merged(lower, []) == ["d/ 2", "d/f 3", "d/g/ 4", "d/g/h 5", "d-e 6"])
  }

  @Test("a whiteout takes a file away, or a folder with all that is in it") func whiteouts() {
    #expect(merged(lower, [.init(.whiteout, entry("d"))]) == ["d-e 6"])
    #expect(
      merged(lower, [.init(.object, folder("d", inode: 10)), .init(.whiteout, entry("d/f"))])
        == ["d/ 2", "d/g/ 4", "d/g/h 5", "d-e 6"])
    #expect(merged(lower, [.init(.whiteout, entry("zz"))]).count == 5)
  }

  @Test("a merged folder is the lower one, a file that was copied up is another one") func copied() {
    let upper: [OverlayUpper.Item] = [
      .init(.object, folder("d", inode: 10)), .init(.object, entry("d/f", inode: 11)),
    ]
    #expect(merged(lower, upper) == ["d/ 2", "d/f 11", "d/g/ 4", "d/g/h 5", "d-e 6"])
  }

  @Test("an opaque folder hides what was there") func opaque() {
    let upper: [OverlayUpper.Item] = [
      .init(.opaque, folder("d", inode: 10)), .init(.object, entry("d/n", inode: 11)),
    ]
    #expect(merged(lower, upper) == ["d/ 10", "d/n 11", "d-e 6"])
  }

  @Test("a folder in the place of a file, and a file in the place of a folder") func replaced() {
    #expect(merged(lower, [.init(.object, entry("d", inode: 10))]) == ["d 10", "d-e 6"])
    let upper: [OverlayUpper.Item] = [
      .init(.object, folder("d-e", inode: 10)), .init(.object, entry("d-e/x", inode: 11)),
    ]
    #expect(merged(lower, upper).suffix(2) == ["d-e/ 10", "d-e/x 11"])
  }

  @Test("new objects stand in the order of a walk") func order() {
    let upper: [OverlayUpper.Item] = [
      .init(.object, entry("a", inode: 10)), .init(.object, folder("d", inode: 11)),
      .init(.object, entry("d/z", inode: 12)), .init(.object, entry("d.x", inode: 13)),
    ]
    #expect(
      merged(lower, upper) == ["a 10", "d/ 2", "d/f 3", "d/g/ 4", "d/g/h 5", "d/z 12", "d-e 6", "d.x 13"])
  }

  @Test("what was replaced by an object of its own is one change and no removal") func difference() {
    let old = Snapshot(sorted: lower)
    let upper: [OverlayUpper.Item] = [
      .init(.object, folder("d", inode: 10)), .init(.opaque, folder("d/g", inode: 11)),
      .init(.object, entry("d/g/i", inode: 12)),
    ]
    let diff = LayerDiff(from: old, to: old.overlaid(by: OverlayUpper(sorted: upper))) { _ in false }
    #expect(diff.changes.map(\.path) == ["d", "d/g", "d/g/h", "d/g/i"])
    #expect(diff.changes.filter { $0.kind == .removed }.map(\.path) == ["d/g/h"])
  }
}

@Suite(
  "An upper directory on the disk",
  .enabled(if: DetachedOverlay.works, "needs root, and a file system that takes overlays"))
struct OverlayUpperTests {
  /// A lower tree with an overlay over it, which `change` gets; then the tree after the merge, and what was read.
  private func run(
    _ marks: OverlayMarks, _ change: (borrowing Directory) throws -> Void
  ) throws -> (tree: TemporaryTree, lower: SharedDirectory, upper: OverlayUpper, diff: LayerDiff) {
    let tree = try TemporaryTree()
    let host = tree.shared
    for path: BytePath in ["lower/d/e", "upper", "work"] { try host.directory.makeDirectories(path) }
    for path: BytePath in ["lower/d/f", "lower/d/e/g", "lower/h"] { try tree.file(path, "text") }
    try host.directory.makeHardLink(to: "lower/h", at: "lower/d/i")
    for path: BytePath in ["lower/d/f", "lower/d/e/g", "lower/h", "lower/d/e", "lower/d", "lower"] {
      try host.directory.setModified(path, Timestamp(seconds: 1_000_000, nanoseconds: 5))
    }
    let lower = SharedDirectory(try host.directory.openDirectory("lower"))
    let upper = SharedDirectory(try host.directory.openDirectory("upper"))
    var disk = try Snapshot.capture(lower.directory)
    disk.racyFrom = Timestamp(seconds: .max)
    let moved = disk.filesKeepingInode(recordedIn: nil, marks: marks)
    try disk.prepare(upper: upper.directory, over: lower.directory, moving: moved, marks: marks)
    do {
      let overlay = try DetachedOverlay(
        lower: tree.path.joining("lower"), upper: tree.path.joining("upper"),
        work: tree.path.joining("work"), marks: marks)
      try change(overlay.root)
      try overlay.end()
    }
    let read = try OverlayUpper.capture(upper.directory, marks: marks)
    var now = disk.overlaid(by: read, moved: Set(moved))
    let diff = try LayerDiff(from: disk, to: now) { path in
      try !lower.directory.hasSameContent(path, as: upper.directory)
    }
    var touched = try read.merge(from: upper.directory, into: lower.directory, marks: marks)
    for folder in diff.formerTimes {
      try lower.directory.setModified(folder.path, folder.modified)
      touched.append(folder.path)
    }
    for path in touched { now.update(path, try lower.directory.status(path)) }
    #expect(try Snapshot.capture(lower.directory).entries == now.entries)
    return (tree, lower, read, diff)
  }

  static let all: [OverlayMarks] = [.trusted, .user] + (DetachedOverlay.isServed ? [.fuse] : [])

  @Test("nothing happens: the tree is as it was, hard links too", arguments: all)
  func nothing(marks: OverlayMarks) throws {
    let result = try run(marks) { _ in }
    #expect(result.diff.isEmpty)
    #expect(try result.lower.directory.status("h").inode == result.lower.directory.status("d/i").inode)
    #expect(try result.lower.directory.status("d").modified == Timestamp(seconds: 1_000_000, nanoseconds: 5))
  }

  @Test("one of several names is removed, and another one written to", arguments: all)
  func names(marks: OverlayMarks) throws {
    let result = try run(marks) { root in
      try root.removeFile("h")
      try root.setPermissions("d/i", 0o600)
    }
    #expect(result.diff.changes.map(\.path) == ["d", "d/i", "h"])
    #expect(result.diff.changes.last?.kind == .removed)
    #expect(try result.lower.directory.statusIfPresent("h") == nil)
  }

  @Test("a removed folder that is made again is opaque, a removed file a whiteout", arguments: all)
  func removed(marks: OverlayMarks) throws {
    let result = try run(marks) { root in
      try root.removeTree("d/e")
      try root.makeDirectory("d/e")
      try root.removeFile("d/f")
    }
    let kinds = Dictionary(uniqueKeysWithValues: result.upper.items.map { ($0.path, $0.kind) })
    #expect(kinds["d/e"] == .opaque && kinds["d/f"] == .whiteout && kinds["d"] == .object)
    #expect(result.diff.changes.map(\.path) == ["d", "d/e", "d/e/g", "d/f"])
    #expect(try result.lower.directory.attributeNames("d/e") == [])
    #expect(try result.lower.directory.list("d/e").isEmpty)
  }

  @Test("copied up and not changed: opened for writing, its mode there and back", arguments: all)
  func unchanged(marks: OverlayMarks) throws {
    let result = try run(marks) { root in
      try root.setPermissions("d/f", 0o600)
      try root.setPermissions("d/f", 0o644)
      try root.setPermissions("d/e", 0o700)
      try root.setPermissions("d/e", 0o755)
    }
    #expect(result.upper.items.map(\.path).contains("d/f"))
    #expect(result.diff.isEmpty)
  }

  @Test("a file made and removed again: its folder is not listed, and has its former time", arguments: all)
  func folderTime(marks: OverlayMarks) throws {
    let result = try run(marks) { root in
      try root.writeFile("d/e/new", [1])
      try root.removeFile("d/e/new")
      try root.setModified("d", Timestamp(seconds: 7))
    }
    #expect(result.upper.items.map(\.path).contains("d/e"))
    #expect(result.diff.isEmpty)
    #expect(result.diff.formerTimes.map(\.path) == ["d", "d/e"])
    for path: BytePath in ["d", "d/e"] {
      let time = try result.lower.directory.status(path).modified
      #expect(time == Timestamp(seconds: 1_000_000, nanoseconds: 5))
    }
  }

  @Test("the same size, time and mode, and another content", arguments: all)
  func content(marks: OverlayMarks) throws {
    let result = try run(marks) { root in
      try root.removeFile("d/f")
      try root.writeFile("d/f", Array("TEXT".utf8))
      try root.setModified("d/f", Timestamp(seconds: 1_000_000, nanoseconds: 5))
      try root.setModified("d", Timestamp(seconds: 1_000_000, nanoseconds: 5))
    }
    #expect(result.diff.changes.map(\.path) == ["d", "d/f"])
    #expect(result.diff.changes.first.map { if case .parent = $0.kind { true } else { false } } == true)
  }

  @Test("the root's own mode, attributes and time come along", arguments: all)
  func rootFolder(marks: OverlayMarks) throws {
    let mine = ExtendedAttribute(name: Array("user.mine".utf8), value: [1])
    let result = try run(marks) { root in
      try root.setPermissions(BytePath(), 0o711)
      try root.setAttribute(BytePath(), mine)
      try root.setModified(BytePath(), Timestamp(seconds: 7))
    }
    let status = try result.lower.directory.status()
    #expect(status.permissions == 0o711 && status.modified == Timestamp(seconds: 7))
    #expect(try result.lower.directory.attributeNames(BytePath()) == [mine.name])
  }

  @Test("a file with an attribute for a whiteout is one; attributes of the other kind are the program's")
  func attributes() throws {
    let tree = try TemporaryTree()
    try tree.file("gone")
    try tree.file("kept")
    try tree.file("full", "x")
    try tree.shared.directory.makeDirectory("d")
    func mark(_ path: BytePath, _ name: String, _ value: String = "y") throws {
      try tree.shared.directory.setAttribute(
        path, ExtendedAttribute(name: Array(name.utf8), value: Array(value.utf8)))
    }
    try mark("gone", "user.overlay.whiteout")
    try mark("full", "user.overlay.whiteout")
    try mark("kept", "trusted.overlay.whiteout")
    try mark("d", "user.overlay.opaque", "x")
    let read = try OverlayUpper.capture(tree.shared.directory, marks: .user)
    #expect(read.items.map(\.path) == ["d", "full", "gone", "kept"])
    #expect(read.items.map(\.kind) == [.object, .object, .whiteout, .object])
    #expect(read.items.map(\.marks.count) == [1, 1, 1, 0])
  }

  @Test("a removal inside of a folder that moves as a whole leaves no trace", arguments: all)
  func insideOpaque(marks: OverlayMarks) throws {
    let tree = try TemporaryTree()
    let host = tree.shared
    for path: BytePath in ["lower/d", "upper/d"] { try host.directory.makeDirectories(path) }
    try tree.file("lower/d/f")
    try host.directory.makeNode(.characterDevice, at: "upper/d/f", permissions: 0)
    try host.directory.setAttribute(
      "upper/d", ExtendedAttribute(name: marks.prefix + Array("opaque".utf8), value: Array("y".utf8)))
    try host.directory.setModified("upper/d", Timestamp(seconds: 9))
    let lower = try host.directory.openDirectory("lower")
    let upper = try host.directory.openDirectory("upper")
    let read = try OverlayUpper.capture(upper, marks: marks)
    _ = try read.merge(from: upper, into: lower, marks: marks)
    #expect(try lower.list("d").isEmpty)
    #expect(try lower.attributeNames("d").isEmpty)
    #expect(try lower.status("d").modified == Timestamp(seconds: 9))
  }

  @Test("a tree with a device 0/0 is not for an overlay") func devices() throws {
    let tree = try TemporaryTree()
    #expect(try !Snapshot.capture(tree.shared.directory).isMistaken(by: .user))
    try tree.shared.directory.makeNode(.characterDevice, at: "c", permissions: 0)
    #expect(try Snapshot.capture(tree.shared.directory).isMistaken(by: .user))
  }

  @Test("a tree with a block device is not for fuse-overlayfs, which takes it for a folder")
  func blockDevices() throws {
    let tree = try TemporaryTree()
    try tree.shared.directory.makeNode(.blockDevice, at: "b", permissions: 0, device: DeviceNumber(rdev: 256))
    let snapshot = try Snapshot.capture(tree.shared.directory)
    #expect(!snapshot.isMistaken(by: .user))
    #expect(snapshot.isMistaken(by: .fuse))
  }
}

@Suite("An upper directory whose marks are files")
struct UpperFileTests {
  /// What is left of a lower tree and an upper one, without and with the folders' times.
  private func merge(_ upper: [(path: BytePath, isFolder: Bool)]) throws -> (TemporaryTree, OverlayUpper) {
    let tree = try TemporaryTree()
    for path: BytePath in ["lower/d", "lower/e", "upper"] { try tree.shared.directory.makeDirectories(path) }
    for path: BytePath in ["lower/d/f", "lower/d/g", "lower/e/h"] { try tree.file(path, "text") }
    for (path, isFolder) in upper {
      let path = BytePath("upper").joining(path)
      if isFolder { try tree.shared.directory.makeDirectory(path) } else { try tree.file(path, "") }
    }
    for (path, isFolder) in upper.reversed() where isFolder {
      try tree.shared.directory.setModified(BytePath("upper").joining(path), Timestamp(seconds: 9))
    }
    let lower = try tree.shared.directory.openDirectory("lower")
    let upper = try tree.shared.directory.openDirectory("upper")
    let read = try OverlayUpper.capture(upper, marks: .fuse)
    _ = try read.merge(from: upper, into: lower, marks: .fuse)
    return (tree, read)
  }

  @Test("`.wh.NAME` removes NAME, in the place of NAME") func removal() throws {
    let (tree, read) = try merge([("d", true), ("d/.wh.f", false), ("d/a", false), ("d/z", false)])
    #expect(read.items.map(\.path) == ["d", "d/a", "d/f", "d/z"])
    #expect(read.items.map(\.kind) == [.object, .object, .whiteout, .object])
    #expect(try tree.shared.directory.list("lower/d").map(\.name) == ["a", "g", "z"].map { Array($0.utf8) })
    #expect(try tree.shared.directory.status("lower/d").modified == Timestamp(seconds: 9))
  }

  @Test("`.wh..wh..opq` hides the lower folder, and is gone afterwards with all that starts with `.wh.`")
  func opaque() throws {
    let (tree, read) = try merge([
      ("d", true), ("d/.wh..wh..opq", false), ("d/new", false), ("d/.wh.g", false), ("d/sub", true),
      ("d/sub/.wh..wh..opq", false),
    ])
    #expect(read.items.map(\.path) == ["d", "d/g", "d/new", "d/sub"])
    #expect(read.items.map(\.kind) == [.opaque, .whiteout, .object, .opaque])
    #expect(try tree.shared.directory.list("lower/d").map(\.name) == ["new", "sub"].map { Array($0.utf8) })
    #expect(try tree.shared.directory.list("lower/d/sub").isEmpty)
    for path: BytePath in ["lower/d", "lower/d/sub"] {
      #expect(try tree.shared.directory.status(path).modified == Timestamp(seconds: 9))
    }
  }

  @Test("For an overlay of the kernel these are names as others are") func names() throws {
    let tree = try TemporaryTree()
    try tree.shared.directory.makeDirectory("upper")
    try tree.file("upper/.wh.f", "")
    let read = try OverlayUpper.capture(try tree.shared.directory.openDirectory("upper"), marks: .user)
    #expect(read.items.map(\.path) == [".wh.f"])
    #expect(read.items.map(\.kind) == [.object])
  }
}
