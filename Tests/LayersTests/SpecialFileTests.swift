import FileTree
import Glibc
import Layers
import Testing
import TreeTestSupport

/// Files that a file system keeps in a way of its own, which is not to be seen in a layer.
@Suite("Sparse files and whiteouts")
struct SpecialFileTests {
  @Test("L10: whiteouts of an overlay that share an inode are a removal each, and no hard links")
  func sharedWhiteouts() throws {
    let tree = try TemporaryTree()
    let host = tree.shared
    for path: BytePath in ["lower/d", "upper/d"] { try host.directory.makeDirectories(path) }
    for path: BytePath in ["lower/a", "lower/b", "lower/d/c", "lower/d/kept"] { try tree.file(path, "text") }
    try host.directory.makeNode(.characterDevice, at: "upper/a", permissions: 0)
    for path: BytePath in ["upper/b", "upper/d/c"] {
      try host.directory.makeHardLink(to: "upper/a", at: path)
    }
    let upper = try OverlayUpper.capture(host.directory.openDirectory("upper"), marks: .user)
    let whiteouts = upper.items.filter { $0.kind == .whiteout }
    #expect(whiteouts.map(\.path) == ["a", "b", "d/c"])
    #expect(whiteouts.allSatisfy { $0.entry.status.linkCount == 3 })
    let blob = try layer(of: host, upper)
    #expect(try listing(blob) == [".wh.a f0", ".wh.b f0", "d/ d", "d/.wh.c f0"])
    let below = try TemporaryTree()
    for path: BytePath in ["a", "b", "d/c", "d/kept"] { try below.file(path, "text") }
    try extract(blob, into: below)
    #expect(try Snapshot.capture(below.shared.directory).entries.map(\.path) == ["d", "d/kept"])
  }

  @Test(
    "L10: the kernel's own whiteouts",
    .enabled(if: DetachedOverlay.works, "needs root, and a file system that takes overlays"))
  func whiteoutsOfTheKernel() throws {
    let tree = try TemporaryTree()
    let host = tree.shared
    for path: BytePath in ["lower/d", "upper", "work"] { try host.directory.makeDirectories(path) }
    for path: BytePath in ["lower/a", "lower/b", "lower/d/c"] { try tree.file(path, "text") }
    do {
      let overlay = try DetachedOverlay(
        lower: tree.path.joining("lower"), upper: tree.path.joining("upper"),
        work: tree.path.joining("work"), marks: .trusted)
      for path: BytePath in ["a", "b", "d/c"] { try overlay.root.removeFile(path) }
    }
    let upper = try OverlayUpper.capture(host.directory.openDirectory("upper"), marks: .trusted)
    #expect(try listing(layer(of: host, upper)) == [".wh.a f0", ".wh.b f0", "d/ d", "d/.wh.c f0"])
  }

  /// The layer of an upper directory over `lower`.
  private func layer(of host: SharedDirectory, _ upper: OverlayUpper) throws -> [UInt8] {
    let old = try Snapshot.capture(host.directory.openDirectory("lower"))
    let diff = LayerDiff(from: old, to: old.overlaid(by: upper)) { _ in false }
    return try write(diff.layerEntries(root: host).entries).blob
  }

  @Test("L15: a sparse file is in the layer as what is read from it, and not as GNU's sparse member")
  func sparse() throws {
    let (size, tail) = (3_000_001, 2_999_990)
    var content = [UInt8](repeating: 0, count: size)
    content[0] = 0x61
    content[tail] = 0x62
    let tree = try TemporaryTree()
    let descriptor = unsafe open("\(tree.path)/s", O_WRONLY | O_CREAT | O_EXCL, 0o644)
    try #require(descriptor >= 0)
    #expect(unsafe pwrite(descriptor, "a", 1, 0) == 1)
    #expect(unsafe pwrite(descriptor, "b", 1, tail) == 1)
    #expect(ftruncate(descriptor, size) == 0)
    var status = stat()
    #expect(unsafe fstat(descriptor, &status) == 0)
    #expect(close(descriptor) == 0)
    #expect(status.st_size == size && status.st_blocks * 512 < size / 2, "there are holes in the file")
    func blob(_ tree: TemporaryTree) throws -> [UInt8] {
      try tree.shared.directory.setModified("s", Timestamp(seconds: 1))
      let diff = LayerDiff(from: Snapshot(), to: try Snapshot.capture(tree.shared.directory)) { _ in true }
      return try write(diff.layerEntries(root: tree.shared).entries).blob
    }
    let sparse = try blob(tree)
    #expect(try listing(sparse) == ["s f\(size)"])
    #expect(sparse[156] == UInt8(ascii: "0"), "a plain file, with nothing before it")
    #expect(sparse[512..<(512 + size)].elementsEqual(content))
    let dense = try TemporaryTree()
    try dense.shared.directory.writeFile("s", content)
    #expect(try blob(dense) == sparse)
  }
}
