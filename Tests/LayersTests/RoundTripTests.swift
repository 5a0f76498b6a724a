import FileTree
import Glibc
import Layers
import Testing
import TreeTestSupport

@Suite("A layer is the difference of two trees")
struct RoundTripTests {
  /// Random objects under a few names, so that every kind of replacement happens.
  private struct Mutator {
    var generator: SeededGenerator
    let tree: TemporaryTree
    var owners: OwnershipTable

    mutating func name() -> BytePath {
      let depth = Int.random(in: 1...4, using: &generator)
      let names = ["a", "b", "a-b", "c.d", "é", ".wh"]
      let parts = (0..<depth).map { _ in names.randomElement(using: &generator) ?? "a" }
      return BytePath(parts.joined(separator: "/"))
    }

    mutating func step() throws {
      let root = tree.shared
      let path = name()
      // Links to folders could lead back here; every other path is what it says.
      guard (try? root.directory.resolve(path, followingLast: false)) == path else { return }
      func place() throws -> Bool {
        var folder = path.parent
        while !folder.isEmpty {
          if let status = try root.directory.statusIfPresent(folder), !status.isDirectory { return false }
          folder = folder.parent
        }
        try root.directory.makeDirectories(path.parent)
        try root.directory.removeTree(path)
        owners.remove(subtree: path)
        return true
      }
      do {
        switch Int.random(in: 0..<11, using: &generator) {
        case 0, 1, 2:
          guard try place() else { return }
          let size = Int.random(in: 0..<3000, using: &generator)
          let byte = UInt8.random(in: 0...255, using: &generator)
          try root.directory.writeFile(path, [UInt8](repeating: byte, count: size))
        case 3: if try place() { try root.directory.makeDirectory(path) }
        case 4: if try place() { try root.directory.makeSymbolicLink(to: name(), at: path) }
        case 5: if try place() { try root.directory.makeNode(.fifo, at: path, permissions: 0o600) }
        case 6:
          let files = try Snapshot.capture(root.directory).entries.filter { $0.status.isRegular }
          guard let target = files.randomElement(using: &generator), target.path != path,
            !target.path.isWithin(path), try place()
          else { return }
          try root.directory.makeHardLink(to: target.path, at: path)
          owners[path] = owners[target.path]
        case 7:
          try root.directory.removeTree(path)
          owners.remove(subtree: path)
        case 8:
          let mode = [0o600, 0o755, 0o4755, 0o700].randomElement(using: &generator) ?? 0o700
          let type = try root.directory.status(path).type
          // Open to its owner, so that an ordinary user can go on with the tree.
          let open = OwnershipTable.permissionsOnDisk(UInt32(mode), type: type)
          if type != .symbolicLink { try root.directory.setPermissions(path, open) }
        case 9:
          let seconds = Int64.random(in: -100...2_000_000_000, using: &generator)
          try root.directory.setModified(path, Timestamp(seconds: seconds))
        default:
          let status = try root.directory.status(path)
          let owner = Owner(uid: UInt32.random(in: 0...5, using: &generator), gid: 7)
          // All names of one file have one owner.
          for entry in try Snapshot.capture(root.directory).entries where entry.status.inode == status.inode {
            owners[entry.path] = OwnershipTable.Record(owner: owner)
          }
        }
      } catch let error as FileError where error.isNotFound {
        // A random path that is not there: nothing to change.
      }
    }
  }

  /// What a layer carries: times in whole seconds, and which names are one file.
  private func describe(_ tree: TemporaryTree, _ owners: OwnershipTable) throws -> [String] {
    let snapshot = try Snapshot.capture(tree.shared.directory).applying(owners)
    return try snapshot.entries.map { entry in
      let status = entry.status
      let content = status.isRegular ? try tree.shared.directory.readFile(entry.path, limit: 1 << 20) : []
      return "\(entry.path) \(status.type) \(status.permissions) \(status.owner) \(status.modified.seconds) "
        + "\(entry.linkTarget?.description ?? "") \(content)"
    }
  }

  /// Copies a tree with its owners, as a base for the layer.
  private func clone(_ tree: TemporaryTree, _ owners: OwnershipTable) throws -> (
    TemporaryTree, OwnershipTable
  ) {
    let target = try TemporaryTree()
    var options = TreeCopy.Options()
    options.sourceOwners = owners
    var copy = TreeCopy(options, placement: Placement(owners: OwnershipTable()))
    for item in try tree.shared.directory.list() {
      let path = BytePath(item.name)
      try copy.copy(from: tree.shared.directory, path, to: target.shared.directory, path)
    }
    return (target, copy.placement.owners ?? OwnershipTable())
  }

  @Test("applying the layer of diff(old, new) to old gives new", arguments: 0..<200)
  func property(seed: Int) throws {
    let tree = try TemporaryTree()
    var mutator = Mutator(
      generator: SeededGenerator(seed: UInt64(seed)), tree: tree, owners: OwnershipTable())
    for _ in 0..<30 { try mutator.step() }
    let (base, baseOwners) = try clone(tree, mutator.owners)
    // Whole seconds on both sides: a layer does not carry more.
    #expect(try describe(base, baseOwners) == describe(tree, mutator.owners))
    let old = try Snapshot.capture(tree.shared.directory).applying(mutator.owners)
    for _ in 0..<15 { try mutator.step() }
    let new = try Snapshot.capture(tree.shared.directory).applying(mutator.owners)

    let diff = try LayerDiff(from: old, to: new) { path in
      try tree.shared.directory.readFile(path, limit: 1 << 20)
        != base.shared.directory.readFile(path, limit: 1 << 20)
    }
    for folder in diff.formerTimes { try tree.shared.directory.setModified(folder.path, folder.modified) }
    let entries = diff.layerEntries(root: tree.shared).entries
    let (layer, blob) = try write(entries, codec: .gzip, threads: 2)
    #expect(try write(entries, codec: .gzip, threads: 1).layer == layer)
    let (report, owners) = try extract(blob, into: base, owners: baseOwners)
    #expect(report.diffID == layer.diffID)
    #expect(try describe(base, try #require(owners)) == describe(tree, mutator.owners))
  }

  @Test("L09: names of one file in one layer are links, one in a lower layer is written out")
  func hardLinks() throws {
    let tree = try TemporaryTree()
    try tree.file("lower", "x")
    let old = try Snapshot.capture(tree.shared.directory)
    try tree.shared.directory.makeHardLink(to: "lower", at: "also")
    try tree.file("n1", "y")
    try tree.shared.directory.makeHardLink(to: "n1", at: "n2")
    let new = try Snapshot.capture(tree.shared.directory)
    let diff = LayerDiff(from: old, to: new) { _ in false }
    #expect(
      try listing(write(diff.layerEntries(root: tree.shared).entries).blob) == ["also f1", "n1 f1", "n2 hn1"])
  }

  @Test("L13: sockets are left out and reported") func sockets() throws {
    let tree = try TemporaryTree()
    try tree.shared.directory.makeNode(.socket, at: "s", permissions: 0o600)
    let diff = LayerDiff(from: Snapshot(), to: try Snapshot.capture(tree.shared.directory)) { _ in true }
    let (entries, skipped) = diff.layerEntries(root: tree.shared)
    #expect(entries.isEmpty && skipped == ["s"])
  }
}
