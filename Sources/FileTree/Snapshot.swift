import CLinux
import Glibc

/// The metadata of every object below a folder at one moment, without the folder itself.
///
/// Entries stand in the order of a depth-first walk with names in byte order, which is the order of
/// a layer. Paths and link targets share one array of bytes, so a large tree costs few allocations.
package struct Snapshot: Sendable {
  /// One object, with its path spelled out.
  package struct Entry: Hashable, Sendable {
    package var path: BytePath
    package var status: FileStatus
    /// The text of a symbolic link; `nil` for everything else.
    package var linkTarget: BytePath?
    package var attributes: [ExtendedAttribute]

    package init(
      path: BytePath, status: FileStatus, linkTarget: BytePath? = nil, attributes: [ExtendedAttribute] = []
    ) {
      self.path = path
      self.status = status
      self.linkTarget = linkTarget
      self.attributes = attributes
    }
  }

  struct Record: Sendable {
    var path: Range<Int>
    var link: Range<Int>
    var status: FileStatus
    /// Where the attributes are, or -1 for the common case of none.
    var attributes: Int
  }

  private(set) var text: [UInt8] = []
  var records: [Record] = []
  var attributeLists: [[ExtendedAttribute]] = []

  /// Objects whose status was changed at or after this moment may have been changed again without
  /// their times showing it, so a comparison must look at their content. The walk's start, less
  /// the grain of the clock.
  package var racyFrom = Timestamp(seconds: .max)

  /// The deepest tree that is walked: what a path of PATH_MAX bytes can name.
  static let maximumDepth = 2048

  package init() {}

  /// A snapshot of entries that are already in tree order.
  package init(sorted entries: some Sequence<Entry>) {
    for entry in entries { append(entry) }
  }

  package var count: Int { records.count }
  package var indices: Range<Int> { records.indices }

  package subscript(index: Int) -> Entry {
    let record = records[index]
    return Entry(
      path: BytePath(Array(text[record.path])), status: record.status,
      linkTarget: record.status.type == .symbolicLink ? BytePath(Array(text[record.link])) : nil,
      attributes: attributes(at: index))
  }

  package var entries: [Entry] { indices.map { self[$0] } }

  func path(at index: Int) -> ArraySlice<UInt8> { text[records[index].path] }
  func link(at index: Int) -> ArraySlice<UInt8> { text[records[index].link] }

  func attributes(at index: Int) -> [ExtendedAttribute] {
    let list = records[index].attributes
    return list < 0 ? [] : attributeLists[list]
  }

  /// Where a path is, by binary search.
  package func index(of path: BytePath) -> Int? {
    var low = 0
    var high = records.count
    while low < high {
      let middle = (low + high) / 2
      let order = treeOrder(text[records[middle].path], path.bytes[...])
      if order == 0 { return middle }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  mutating func append(_ entry: Entry) {
    append(
      path: entry.path.bytes[...], status: entry.status, link: entry.linkTarget?.bytes ?? [],
      attributes: entry.attributes)
  }

  mutating func append(
    path: ArraySlice<UInt8>, status: FileStatus, link: [UInt8], attributes: [ExtendedAttribute]
  ) {
    let start = text.count
    text += path
    let middle = text.count
    text += link
    var list = -1
    if !attributes.isEmpty {
      list = attributeLists.count
      attributeLists.append(attributes)
    }
    records.append(
      Record(path: start..<middle, link: middle..<text.count, status: status, attributes: list))
  }
}

// MARK: - Capture

extension Snapshot {
  /// Walks a tree.
  /// - Parameters:
  ///   - attributes: which extended attributes are read.
  ///   - excluding: objects to leave out, with everything below them; asked once per object with its
  ///     path and whether it is a folder.
  /// - Throws: a `FileError` with the path of an object that could not be read. An object that goes
  ///   away during the walk is left out.
  package static func capture(
    _ directory: borrowing Directory, attributes: AttributeSelection = .capabilities,
    excluding: ((BytePath, Bool) -> Bool)? = nil
  ) throws(FileError) -> Snapshot {
    var walk = Capture(attributes: attributes, excluding: excluding)
    let root = try directory.open(BytePath(), O_RDONLY | slipway_o_directory, follow: true, .list)
    let start = Timestamp.coarseNow
    walk.snapshot.racyFrom = start.subtracting(milliseconds: 20)
    try walk.visit(root.raw, depth: 0)
    return walk.snapshot
  }
}

extension Timestamp {
  func subtracting(milliseconds: Int64) -> Timestamp {
    let total = Int64(nanoseconds) - milliseconds * 1_000_000
    guard total < 0 else { return Timestamp(seconds: seconds, nanoseconds: UInt32(total)) }
    let borrowed = (-total + 999_999_999) / 1_000_000_000
    return Timestamp(
      seconds: seconds - borrowed, nanoseconds: UInt32(total + borrowed * 1_000_000_000))
  }
}

/// One walk over a tree, a descriptor per level.
private struct Capture {
  var snapshot = Snapshot()
  let attributes: AttributeSelection
  let excluding: ((BytePath, Bool) -> Bool)?
  /// The path of the folder that is being read, empty or with a `/` at its end.
  var prefix: [UInt8] = []

  init(attributes: AttributeSelection, excluding: ((BytePath, Bool) -> Bool)?) {
    self.attributes = attributes
    self.excluding = excluding
  }

  mutating func visit(_ folder: CInt, depth: Int) throws(FileError) {
    let path = BytePath(Array(prefix.dropLast()))
    guard depth <= Snapshot.maximumDepth else { throw FileError(.list, path, ENAMETOOLONG) }
    let base = prefix.count
    for item in try Directory.list(folder, path) {
      prefix.replaceSubrange(base..., with: item.name)
      try visitItem(folder, item.name, depth: depth)
    }
    prefix.removeSubrange(base...)
  }

  private mutating func visitItem(_ folder: CInt, _ name: [UInt8], depth: Int) throws(FileError) {
    var raw = slipway_status()
    var found: [ExtendedAttribute] = []
    var type = FileType.regular
    let result = unsafe withCString(name) { name in
      let result = unsafe slipway_status(folder, name, &raw)
      guard result == 0, let known = FileType(mode: raw.mode) else { return Int(result) }
      type = known
      guard known == .regular || known == .directory else { return 0 }
      return unsafe Directory.attributes(folder, name, type: known, attributes, &found)
    }
    if result == -Int(ENOENT) { return }
    let path = prefix
    guard result >= 0, let status = FileStatus(raw) else {
      throw FileError(.status, BytePath(path), result < 0 ? CInt(-result) : EIO)
    }
    if let excluding, excluding(BytePath(path), status.isDirectory) { return }
    var link: [UInt8] = []
    if type == .symbolicLink {
      link = try Directory.readLink(folder, name, .readLink, BytePath(path))
    }
    snapshot.append(path: path[...], status: status, link: link, attributes: found)
    guard type == .directory else { return }
    let flags = O_RDONLY | O_CLOEXEC | slipway_o_directory | slipway_o_nofollow
    let opened = unsafe withCString(name) { unsafe Int(slipway_openat(folder, $0, flags, 0)) }
    let child = Descriptor(adopting: CInt(try checked(opened, .list, BytePath(path))))
    prefix.append(.slash)
    try visit(child.raw, depth: depth + 1)
  }
}
