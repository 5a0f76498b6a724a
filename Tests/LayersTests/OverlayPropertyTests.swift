import FileTree
import Glibc
import Layers
import OCIModel
import Testing
import TreeTestSupport

/// The same random changes on an overlay and in a plain tree. `SLIPWAY_OVERLAY_ROUNDS=FROM-TO` chooses the seeds.
@Suite(
  "An overlay gives the layer that a comparison gives",
  .enabled(if: DetachedOverlay.works, "needs root, and a file system in /tmp that takes overlays"))
struct OverlayPropertyTests {
  static let seeds: Range<Int> = {
    guard let text = unsafe getenv("SLIPWAY_OVERLAY_ROUNDS").map({ unsafe String(cString: $0) }) else {
      return 0..<200
    }
    let ends = text.split(separator: "-").compactMap { Int($0) }
    return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : 0..<200
  }()

  /// What was changed by a clock that both sides read at other moments.
  private static let clockTime = Timestamp(seconds: 1_800_000_000)

  /// Gives everything that the clock has dated a time that is the same in both trees.
  private func settleTimes(_ root: borrowing Directory) throws {
    for entry in try Snapshot.capture(root).entries where entry.status.modified.seconds > 1_750_000_000 {
      try root.setModified(entry.path, Self.clockTime)
    }
  }

  private func snapshot(_ root: borrowing Directory) throws -> Snapshot {
    var snapshot = try Snapshot.capture(root)
    snapshot.racyFrom = Timestamp(seconds: .max)
    return snapshot
  }

  private func copy(_ source: borrowing Directory, to target: borrowing Directory) throws {
    var options = TreeCopy.Options()
    options.attributes = .capabilitiesAndUser
    options.keepsExistingRoot = false
    var copy = TreeCopy(options, placement: Placement(owners: nil))
    try copy.copy(from: source, BytePath(), to: target, BytePath())
  }

  /// Everything about a tree but inodes and the times of status changes; `layer`: only what a layer carries.
  private func describe(_ root: borrowing Directory, layer: Bool) throws -> [String] {
    let snapshot = try Snapshot.capture(root, attributes: layer ? .capabilities : .capabilitiesAndUser)
    var names: [UInt64: BytePath] = [:]
    return try snapshot.entries.map { entry in
      let status = entry.status
      let content = status.isRegular ? try root.readFile(entry.path, limit: 1 << 24) : []
      var line = "\(entry.path.bytes) \(status.type) \(status.permissions) \(status.owner) \(status.rdev) "
      line += "\(entry.linkTarget?.bytes ?? []) \(Digest(of: content).hex) \(entry.attributes)"
      line += " \(status.modified.seconds)"
      if !layer {
        line += " \(status.modified.nanoseconds)"
        // An overlay with user attributes forgets that two names are one link or fifo; no layer tells either.
        if status.isRegular {
          let first = names[status.inode] ?? entry.path
          names[status.inode] = first
          line += " \(status.linkCount) \(first.bytes)"
        }
      }
      return line
    }
  }

  /// The lines that only one side has.
  private func differences(_ left: [String], _ right: [String]) -> [String] {
    let (first, second) = (Set(left), Set(right))
    return left.filter { !second.contains($0) }.map { "- " + $0 }
      + right.filter { !first.contains($0) }.map { "+ " + $0 }
  }

  private func pack(_ diff: LayerDiff, _ root: SharedDirectory) throws -> (layer: WrittenLayer, blob: [UInt8])
  {
    try write(diff.layerEntries(root: root).entries)
  }

  @Test("random changes", arguments: seeds)
  func property(seed: Int) throws {
    try compare(seed: seed, marks: seed.isMultiple(of: 2) ? .trusted : .user)
  }

  @Test(
    "random changes on fuse-overlayfs",
    .enabled(if: DetachedOverlay.isServed, "needs root, fuse-overlayfs and /dev/fuse"), arguments: seeds)
  func served(seed: Int) throws {
    try compare(seed: seed, marks: .fuse)
  }

  private func compare(seed: Int, marks: OverlayMarks) throws {
    let plain = try TemporaryTree()
    let former = try TemporaryTree()
    let host = try TemporaryTree()
    var changes = RandomChanges(SeededGenerator(seed: UInt64(seed)))
    for _ in 0..<25 {
      guard let change = try changes.next(in: Snapshot.capture(plain.shared.directory)) else { continue }
      if marks == .fuse, change.makesBlockDevice { continue }
      try change.apply(to: plain.shared.directory)
    }
    for entry in try Snapshot.capture(plain.shared.directory).entries
    where entry.status.modified.seconds > 1_750_000_000 {
      let time = Timestamp(seconds: 1_000_000, nanoseconds: 5)
      try plain.shared.directory.setModified(entry.path, time)
    }
    for path: BytePath in ["lower", "upper", "work"] { try host.shared.directory.makeDirectory(path) }
    let lower = SharedDirectory(try host.shared.directory.openDirectory("lower"))
    let upper = SharedDirectory(try host.shared.directory.openDirectory("upper"))
    try copy(plain.shared.directory, to: lower.directory)
    try copy(plain.shared.directory, to: former.shared.directory)
    #expect(try describe(lower.directory, layer: false) == describe(plain.shared.directory, layer: false))

    let before = try snapshot(plain.shared.directory)
    var disk = try snapshot(lower.directory)
    let moved = disk.filesKeepingInode(recordedIn: nil, marks: marks)
    try disk.prepare(upper: upper.directory, over: lower.directory, moving: moved, marks: marks)
    let start = Timestamp.coarseNow
    while Timestamp.coarseNow <= start { usleep(500) }

    do {
      let overlay = try DetachedOverlay(
        lower: host.path.joining("lower"), upper: host.path.joining("upper"),
        work: host.path.joining("work"), marks: marks)
      for _ in 0..<12 {
        guard let change = try changes.next(in: Snapshot.capture(plain.shared.directory)) else { continue }
        // Who copies such names copies two objects from the overlay, and later changes are those of one.
        if marks != .trusted, try change.namesSpecialFile(in: plain.shared.directory) { continue }
        // A stage that has one gets no overlay of this kind.
        if marks == .fuse, change.makesBlockDevice { continue }
        try change.apply(to: plain.shared.directory)
        try change.apply(to: overlay.root)
      }
      try settleTimes(plain.shared.directory)
      try settleTimes(overlay.root)
      try overlay.end()
    }

    let after = try snapshot(plain.shared.directory)
    let expected = try LayerDiff(from: before, to: after) { path in
      try !former.shared.directory.hasSameContent(path, as: plain.shared.directory)
    }
    let read = try OverlayUpper.capture(upper.directory, marks: marks)
    var now = disk.overlaid(by: read, moved: Set(moved))
    let diff = try LayerDiff(from: disk, to: now) { path in
      let old = moved.contains(path) ? former.shared : lower
      return try !old.directory.hasSameContent(path, as: upper.directory)
    }
    var touched = try read.merge(from: upper.directory, into: lower.directory, marks: marks)
    for folder in diff.formerTimes {
      try lower.directory.setModified(folder.path, folder.modified)
      touched.append(folder.path)
    }
    for path in touched { now.update(path, try lower.directory.status(path)) }
    for folder in expected.formerTimes {
      try plain.shared.directory.setModified(folder.path, folder.modified)
    }

    #expect(diff.formerTimes == expected.formerTimes)
    #expect(diff.changes.map(\.path) == expected.changes.map(\.path))
    let layer = try pack(diff, lower)
    #expect(try layer.layer == pack(expected, plain.shared).layer)
    let unlike = try differences(
      describe(lower.directory, layer: false), describe(plain.shared.directory, layer: false))
    #expect(unlike == [])
    #expect(try Snapshot.capture(lower.directory).entries == now.entries)
    for entry in now.entries {
      #expect(try !lower.directory.attributeNames(entry.path).contains { marks.own($0) })
    }
    _ = try extract(layer.blob, into: former, owners: nil)
    let lost = try differences(
      describe(former.shared.directory, layer: true), describe(lower.directory, layer: true))
    #expect(lost == [])
  }
}
