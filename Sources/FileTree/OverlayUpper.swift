import CLinux
import Glibc

/// What an overlay has written into its upper directory, without the directory itself.
///
/// Items stand in the order of a depth-first walk with names in byte order. The overlay must have
/// been mounted with `redirect_dir=off,metacopy=off`: then each file is whole, and a folder has its
/// lower content from the same path.
package struct OverlayUpper: Sendable {
  package enum Kind: Sendable, Hashable {
    /// An object: new, changed, or only copied up.
    case object
    /// A folder that hides the lower one of its path.
    case opaque
    /// Nothing: the lower object of the path is gone.
    case whiteout
  }

  package struct Item: Sendable, Hashable {
    package var kind: Kind
    /// The object without the overlay's marks.
    package var entry: Snapshot.Entry
    /// The names of the marks that it carries.
    package var marks: [[UInt8]]
    /// The files that are marks: of a folder, those in it; of a whiteout, the one that is one.
    package var files: [BytePath]

    package init(_ kind: Kind, _ entry: Snapshot.Entry, marks: [[UInt8]] = [], files: [BytePath] = []) {
      self.kind = kind
      self.entry = entry
      self.marks = marks
      self.files = files
    }

    package var path: BytePath { entry.path }
    package var isDirectory: Bool { kind != .whiteout && entry.status.isDirectory }
  }

  package var items: [Item]

  /// Items that are in tree order already.
  package init(sorted items: [Item]) {
    self.items = items
  }

  /// Reads an upper directory, whose overlay is mounted no more.
  /// - Parameter attributes: which extended attributes count, beside the marks.
  package static func capture(
    _ directory: borrowing Directory, marks: OverlayMarks, attributes: AttributeSelection = .capabilities
  ) throws(FileError) -> OverlayUpper {
    var walk = UpperWalk(marks: marks, attributes: attributes)
    let root = try directory.open(BytePath(), O_RDONLY | slipway_o_directory, follow: true, .list)
    try walk.visit(root.raw, depth: 0, item: nil)
    return OverlayUpper(sorted: walk.items)
  }
}

/// One walk over an upper directory, a descriptor per level.
private struct UpperWalk {
  var items: [OverlayUpper.Item] = []
  let marks: OverlayMarks
  let whiteout: [UInt8]
  let opaque: [[UInt8]]
  let attributes: AttributeSelection
  var path = BytePath()

  init(marks: OverlayMarks, attributes: AttributeSelection) {
    self.marks = marks
    whiteout = marks.prefix + Array("whiteout".utf8)
    opaque = marks.names("opaque")
    self.attributes = attributes
  }

  /// - Parameter item: which item the folder is; nil for the upper directory itself.
  mutating func visit(_ folder: CInt, depth: Int, item: Int?) throws(FileError) {
    guard depth <= Snapshot.maximumDepth else { throw FileError(.list, path, ENAMETOOLONG) }
    let parent = path
    let listed = UpperNames(try Directory.list(folder, path), marks: marks)
    if let item {
      items[item].files = listed.debris.map { parent.joining($0) }
      if listed.isOpaque { items[item].kind = .opaque }
    }
    for name in listed.names {
      path = parent.joining(name.shown)
      try visitItem(folder, name, parent, depth: depth)
    }
    path = parent
  }

  private mutating func visitItem(
    _ folder: CInt, _ listed: UpperName, _ parent: BytePath, depth: Int
  ) throws(FileError) {
    let name = listed.whiteout ?? listed.shown
    var raw = slipway_status()
    var names: [[UInt8]] = []
    var selected: [ExtendedAttribute] = []
    var opacity: [UInt8]?
    let result = unsafe withCString(name) { name in
      let result = unsafe slipway_status(folder, name, &raw)
      guard result == 0, let type = FileType(mode: raw.mode) else { return Int(result) }
      let listed = unsafe Directory.listAttributes(folder, name, &names)
      guard listed >= 0, !names.isEmpty else { return listed }
      if type == .directory {
        for mark in opaque where names.contains(mark) && !Self.hides(opacity) {
          let got = unsafe Directory.getAttribute(folder, name, mark, &opacity)
          guard got >= 0 else { return got }
        }
      }
      guard type == .regular || type == .directory else { return 0 }
      return unsafe Directory.attributes(folder, name, type: type, attributes, &selected)
    }
    guard result >= 0, let status = FileStatus(raw) else {
      throw FileError(.status, path, result < 0 ? CInt(-result) : EIO)
    }
    var link: BytePath?
    if status.type == .symbolicLink {
      link = BytePath(try Directory.readLink(folder, name, .readLink, path))
    }
    selected.removeAll { marks.own($0.name) }
    let entry = Snapshot.Entry(path: path, status: status, linkTarget: link, attributes: selected)
    if let file = listed.whiteout {
      items.append(OverlayUpper.Item(.whiteout, entry, files: [parent.joining(file)]))
      return
    }
    let kind = kind(of: status, names, opacity)
    items.append(OverlayUpper.Item(kind, entry, marks: names.filter { marks.own($0) }))
    guard status.isDirectory else { return }
    let flags = O_RDONLY | O_CLOEXEC | slipway_o_directory | slipway_o_nofollow
    let opened = unsafe withCString(name) { unsafe Int(slipway_openat(folder, $0, flags, 0)) }
    let child = Descriptor(adopting: CInt(try checked(opened, .list, path)))
    try visit(child.raw, depth: depth + 1, item: items.count - 1)
  }

  private func kind(of status: FileStatus, _ names: [[UInt8]], _ opacity: [UInt8]?) -> OverlayUpper.Kind {
    switch status.type {
    case .characterDevice where status.rdev == 0: .whiteout
    case .regular where status.size == 0 && names.contains(whiteout): .whiteout
    // The value "x" says that whiteouts are attributes, and hides nothing.
    case .directory where Self.hides(opacity): .opaque
    default: .object
    }
  }

  private static func hides(_ opacity: [UInt8]?) -> Bool { opacity?.elementsEqual("y".utf8) == true }
}

// MARK: - Merged with the lower tree

extension Snapshot {
  /// The tree that an overlay shows over this one.
  ///
  /// A merged folder has its metadata from the upper directory, but is the lower folder still: device, inode and
  /// number of links are those of this snapshot, as they would be without an overlay.
  /// - Parameter moved: what was in the upper directory before anything happened, and nowhere else since.
  package func overlaid(by upper: OverlayUpper, moved: Set<BytePath> = []) -> Snapshot {
    var merged = self
    merged.records.removeAll(keepingCapacity: true)
    let absent = Set(moved.compactMap { index(of: $0) })
    var next = 0
    for item in upper.items {
      let path = item.path.bytes[...]
      while next < count, treeOrder(self.path(at: next), path) < 0 {
        if !absent.contains(next) { merged.records.append(records[next]) }
        next += 1
      }
      var lower: FileStatus?
      if next < count, self.path(at: next) == path {
        lower = records[next].status
        next += 1
      }
      let isMerged = lower?.isDirectory == true && item.isDirectory && item.kind != .opaque
      if !isMerged, lower?.isDirectory == true {
        while next < count, Self.isBelow(self.path(at: next), path) { next += 1 }
      }
      guard item.kind != .whiteout else { continue }
      var entry = item.entry
      if isMerged, let lower {
        entry.status.device = lower.device
        entry.status.inode = lower.inode
        entry.status.linkCount = lower.linkCount
      }
      merged.append(entry)
    }
    merged.records += indices[next...].filter { !absent.contains($0) }.map { records[$0] }
    return merged
  }

  private static func isBelow(_ path: ArraySlice<UInt8>, _ folder: ArraySlice<UInt8>) -> Bool {
    path.count > folder.count && path[path.startIndex + folder.count] == .slash && path.starts(with: folder)
  }

  /// Notes a new status of an object that is in the snapshot.
  package mutating func update(_ path: BytePath, _ status: FileStatus) {
    guard let index = index(of: path) else { return }
    records[index].status = status
  }
}
