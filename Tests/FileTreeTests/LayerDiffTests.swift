import FileTree
import Testing
import TreeTestSupport

/// Snapshots without a disk: each entry is spelled out.
@Suite("The difference of two trees is what a layer holds")
struct LayerDiffTests {
  private func entry(
    _ path: BytePath, _ type: FileType = .regular, mode: UInt32 = 0o644, owner: Owner = .root,
    size: Int64 = 1,
    mtime: Int64 = 1, ns: UInt32 = 0, ctime: Int64 = 1, inode: UInt64 = 1, link: BytePath? = nil,
    rdev: UInt64 = 0, links: UInt64 = 1, attributes: [ExtendedAttribute] = []
  ) -> Snapshot.Entry {
    let status = FileStatus(
      type: type, permissions: mode, owner: owner, rdev: rdev, size: type == .regular ? size : 0,
      modified: Timestamp(seconds: mtime, nanoseconds: ns), changed: Timestamp(seconds: ctime), device: 1,
      inode: inode, linkCount: links)
    return Snapshot.Entry(path: path, status: status, linkTarget: link, attributes: attributes)
  }

  private func diff(
    _ old: [Snapshot.Entry], _ new: [Snapshot.Entry], contentDiffers: Bool = false
  ) -> [String] {
    let diff = LayerDiff(
      from: Snapshot(sorted: old), to: Snapshot(sorted: new), contentDiffers: { _ in contentDiffers })
    return diff.changes.map { change in
      switch change.kind {
      case .added: "+\(change.path)"
      case .modified: "~\(change.path)"
      case .parent: "/\(change.path)"
      case .removed: "-\(change.path)"
      }
    }
  }

  @Test("L18: identical trees have no difference") func identical() {
    let tree = [entry("d", .directory), entry("d/f")]
    #expect(diff(tree, tree).isEmpty)
  }

  @Test("L01: every kind of metadata counts") func metadata() {
    let base = entry("f")
    let variants = [
      entry("f", mode: 0o600), entry("f", owner: Owner(uid: 1, gid: 0)),
      entry("f", owner: Owner(uid: 0, gid: 1)),
      entry("f", size: 2), entry("f", mtime: 2), entry("f", ns: 1),
      entry(
        "f", attributes: [ExtendedAttribute(name: ExtendedAttribute.capabilityName, value: [1])]),
      entry("f", .fifo),
    ]
    for variant in variants { #expect(diff([base], [variant]) == ["~f"]) }
    let device = entry("n", .characterDevice, rdev: 1)
    #expect(diff([device], [entry("n", .characterDevice, rdev: 2)]) == ["~n"])
    let link = entry("l", .symbolicLink, link: "a")
    #expect(diff([link], [entry("l", .symbolicLink, link: "b")]) == ["~l"])
  }

  @Test("L01: where metadata is equal and the file was touched, content decides") func content() {
    let base = entry("f")
    #expect(diff([base], [entry("f", ctime: 9)], contentDiffers: true) == ["~f"])
    #expect(diff([base], [entry("f", inode: 9)], contentDiffers: true) == ["~f"])
    #expect(diff([base], [entry("f", ctime: 9)], contentDiffers: false).isEmpty)
    #expect(diff([base], [base], contentDiffers: true).isEmpty)
  }

  @Test("L01: a file touched just before the first look is read again") func racy() {
    var old = Snapshot(sorted: [entry("f", ctime: 100)])
    old.racyFrom = Timestamp(seconds: 100)
    let new = Snapshot(sorted: [entry("f", ctime: 100)])
    #expect(LayerDiff(from: old, to: new, contentDiffers: { _ in true }).changes.count == 1)
    #expect(LayerDiff(from: old, to: new, contentDiffers: { _ in false }).isEmpty)
  }

  @Test("L03: one removal for a file, and one for a whole folder") func removals() {
    let old = [entry("d", .directory), entry("d/a"), entry("d/b", .directory), entry("d/b/c"), entry("e")]
    #expect(diff(old, []) == ["-d", "-e"])
    #expect(
      diff(old, [entry("d", .directory, mtime: 2), entry("d/b", .directory), entry("d/b/c"), entry("e")]) == [
        "/d", "-d/a",
      ])
  }

  @Test("L04: a folder that was removed and made again loses its children one by one") func recreated() {
    let old = [entry("d", .directory), entry("d/a"), entry("d/b")]
    let new = [entry("d", .directory, mtime: 2, inode: 7), entry("d/c", inode: 8)]
    #expect(diff(old, new) == ["/d", "-d/a", "-d/b", "+d/c"])
  }

  @Test("L05: an object replaced by another type is one entry and no removal") func replaced() {
    let folder = [entry("x", .directory), entry("x/a"), entry("x/b", .directory), entry("x/b/c")]
    #expect(diff(folder, [entry("x")]) == ["~x"])
    #expect(diff([entry("x")], folder) == ["~x", "+x/a", "+x/b", "+x/b/c"])
    #expect(diff([entry("x", .symbolicLink, link: "y")], folder).first == "~x")
  }

  @Test("L06: a rename is a removal and an addition") func renamed() {
    let old = [entry("a", .directory), entry("a/f")]
    let new = [entry("b", .directory), entry("b/f")]
    #expect(diff(old, new) == ["-a", "+b", "+b/f"])
  }

  @Test("L07: folders above a change are there, before it, once") func parents() {
    let old = [
      entry("a", .directory), entry("a/b", .directory), entry("a/b/f"), entry("a/b/g"),
      entry("a/z", .directory), entry("c", .directory), entry("c/f"),
    ]
    var new = old
    new[2] = entry("a/b/f", mode: 0o600)
    new[3] = entry("a/b/g", mode: 0o600)
    #expect(diff(old, new) == ["/a", "/a/b", "~a/b/f", "~a/b/g"])
  }

  @Test("L07: a folder has its new time only where it is listed, and its former one otherwise")
  func folderTimes() {
    let old = [
      entry("a", .directory, mtime: 1), entry("a/b", .directory, mtime: 2), entry("a/b/f"),
      entry("c", .directory, mtime: 3), entry("d", .directory, mtime: 4), entry("e", .directory, mtime: 5),
    ]
    let new = [
      entry("a", .directory, mtime: 11), entry("a/b", .directory, mtime: 12), entry("a/b/f"),
      entry("a/g"), entry("c", .directory, mtime: 13, inode: 7),
      entry("d", .directory, mode: 0o700, mtime: 14),
      entry("e", .directory, mtime: 15, ns: 1),
    ]
    #expect(diff(old, new) == ["/a", "+a/g", "~d"])
    let diff = LayerDiff(from: Snapshot(sorted: old), to: Snapshot(sorted: new)) { _ in false }
    #expect(diff.changes.map { $0.entry?.status.modified.seconds } == [11, 1, 14])
    #expect(
      diff.formerTimes == [
        FolderTime(path: "a/b", modified: Timestamp(seconds: 2)),
        FolderTime(path: "c", modified: Timestamp(seconds: 3)),
        FolderTime(path: "e", modified: Timestamp(seconds: 5)),
      ])
  }

  @Test("L08: a removal stands at the place of the name") func order() {
    let old = [entry("a"), entry("b"), entry("c")]
    let new = [entry("a", mode: 0o600), entry("bb"), entry("c", mode: 0o600)]
    #expect(diff(old, new) == ["~a", "-b", "+bb", "~c"])
    let names = [entry("a", .directory), entry("a/x"), entry("a-b"), entry("a.b")]
    #expect(diff([], names) == ["+a", "+a/x", "+a-b", "+a.b"])
  }

  @Test("L02: on a disk, a change that is taken back is none") func takenBack() throws {
    let tree = try TemporaryTree()
    try tree.file("f", "same")
    try tree.file("g", "old")
    let before = try Snapshot.capture(tree.shared.directory)
    let time = try tree.shared.directory.status("f").modified
    try tree.shared.directory.setPermissions("f", 0o600)
    try tree.shared.directory.setPermissions("f", 0o644)
    try tree.file("f", "same")
    try tree.shared.directory.setModified("f", time)
    let times = try tree.shared.directory.status("g").modified
    try tree.file("g", "new")
    try tree.shared.directory.setModified("g", times)
    let after = try Snapshot.capture(tree.shared.directory)
    var asked: [BytePath] = []
    let diff = LayerDiff(from: before, to: after) { path in
      asked.append(path)
      return path == "g"
    }
    #expect(asked == ["f", "g"])
    #expect(diff.changes.map(\.path) == ["g"])
  }

  @Test("a snapshot holds everything but the root and what is excluded") func capture() throws {
    let tree = try TemporaryTree()
    try tree.file("d/f", "x")
    try tree.link("d/l", to: "/nowhere")
    try tree.file("proc/1/x")
    try tree.file("d-e")
    let snapshot = try Snapshot.capture(tree.shared.directory) { path, _ in path == "proc" }
    #expect(snapshot.entries.map(\.path) == ["d", "d/f", "d/l", "d-e"])
    #expect(snapshot[2].linkTarget == "/nowhere")
    #expect(snapshot.index(of: "d-e") == 3 && snapshot.index(of: "d/g") == nil)
  }
}
