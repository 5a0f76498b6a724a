package import FileTree
import Glibc
package import OCIModel

/// How a layer or an archive is unpacked.
package struct ExtractOptions: Sendable {
  /// What a member does whose name starts with `.wh.`.
  package enum Whiteouts: Sendable {
    /// It removes what lower layers have (OCI image-spec, layer.md, "Whiteouts").
    case apply
    /// It is an error: an archive that ADD unpacks has no lower layers, and would make some.
    case reject
    /// Its name is one like any other: the archive is that of a folder (``ArchiveForm/folder``).
    case keep
  }

  package var whiteouts = Whiteouts.apply
  /// The folder that members are relative to; it is created if it is missing.
  package var destination = BytePath()
  /// Given to every object in place of the archive's owners.
  package var owner: Owner?
  /// The time of folders that only the names of other members tell of; without it that of the member which
  /// makes them necessary.
  package var impliedTime: Timestamp?
  /// The digest that the tar stream must have.
  package var expectedDiffID: Digest?
  package var limits = ArchiveLimits()

  package init() {}
}

/// What was unpacked.
package struct ExtractReport: Hashable, Sendable {
  package var diffID: Digest
  /// Bytes of the tar stream.
  package var tarSize: Int64
  package var members = 0
  /// Bytes of regular files.
  package var contentBytes: Int64 = 0
}

/// Unpacks one layer or archive into a tree.
///
/// Nothing is ever written outside the destination: names are taken relative to it, `..` in them is an
/// error, and links on the way to a member are followed as if it were the root, be they the archive's or
/// the tree's. The object at a member's own place is never followed but replaced, except that a folder
/// stays a folder. The last of several members
/// with one name wins, and removals act on what was there before the layer, wherever they stand in it.
///
/// After an error the tree holds a part of the layer and is to be thrown away.
package struct Extractor {
  let root: SharedDirectory
  private let options: ExtractOptions
  /// Owners go here or to the disk; read it back after applying.
  package private(set) var placement: Placement

  /// Canonical paths that this layer has made, with the folders above them.
  var written: Set<BytePath> = []
  /// What folders get once nothing changes in them any more.
  var folders: [BytePath: FolderEnd] = [:]
  private var contentBytes: Int64 = 0
  private var parent: OpenParent?
  /// The destination, unless it is the tree.
  private var top: OpenParent?

  enum FolderEnd {
    case apply(ObjectMetadata)
    /// Not in the layer: gets back the time it had.
    case restore(Timestamp)
  }

  /// The folder of the member before, which is most often that of the next one.
  final class OpenParent {
    let name: BytePath
    let path: BytePath
    let folder: Directory

    init(name: BytePath, path: BytePath, folder: consuming Directory) {
      self.name = name
      self.path = path
      self.folder = folder
    }
  }

  package init(_ root: SharedDirectory, options: ExtractOptions = ExtractOptions(), placement: Placement) {
    self.root = root
    self.options = options
    self.placement = placement
  }

  /// Unpacks all members of an archive.
  package mutating func apply(_ archive: ArchiveReader) throws(LayerError) -> ExtractReport {
    written.removeAll()
    folders.removeAll()
    contentBytes = 0
    parent = nil
    top = nil
    if !options.destination.isEmpty {
      let path = try onFile { () throws(FileError) in try root.directory.resolve(options.destination) }
      try makeFolders(path, modified: Timestamp(seconds: 0))
      top = OpenParent(name: BytePath(), path: path, folder: try openFolder(path))
    }
    var members = 0
    while let member = try archive.next() {
      members += 1
      try extract(member, from: archive)
    }
    parent = nil
    try finishFolders()
    let (diffID, size) = try archive.finish()
    if let expected = options.expectedDiffID, expected != diffID {
      throw .wrongDiffID(expected: expected, actual: diffID)
    }
    return ExtractReport(diffID: diffID, tarSize: size, members: members, contentBytes: contentBytes)
  }

  // MARK: Members

  private mutating func extract(_ member: ArchiveMember, from archive: ArchiveReader) throws(LayerError) {
    let path = try relative(member.name)
    // "./" in an archive names the destination itself, whose metadata stays.
    if path.isEmpty { return }
    if options.whiteouts != .keep, Whiteout.isReserved(path) {
      guard options.whiteouts == .apply else { throw .reservedName(path: path) }
      return try removeLower(path)
    }
    let place = try openParent(of: path, modified: member.modified)
    let name = BytePath(Array(path.lastComponent))
    let canonical = place.path.joining(name)
    if case .hardLink(let target) = member.kind {
      return try link(canonical, name, to: target, member.name, place)
    }
    let metadata = try self.metadata(of: member)
    try clear(name, canonical, place, keepingFolder: metadata.type == .directory)
    written.insert(canonical)
    try create(member, metadata, name, canonical, place, archive)
  }

  /// The name below the destination, without a leading `/` or `./`.
  private func relative(_ name: BytePath) throws(LayerError) -> BytePath {
    if name.isCanonical { return name }
    var kept = BytePath()
    for component in name.components where component != [.dot] {
      guard component != [.dot, .dot] else { throw .unsafePath(name) }
      kept = kept.joining(component)
    }
    return kept
  }

  /// Where a name of the archive is in the tree.
  func resolve(_ name: BytePath, followingLast: Bool = true) throws(FileError) -> BytePath {
    guard let top else { return try root.directory.resolve(name, followingLast: followingLast) }
    if name.isEmpty { return top.path }
    return top.path.joining(try top.folder.resolve(name, followingLast: followingLast))
  }

  private func metadata(of member: ArchiveMember) throws(LayerError) -> ObjectMetadata {
    var device = DeviceNumber(major: 0, minor: 0)
    let type: FileType
    switch member.kind {
    case .directory: type = .directory
    case .file, .hardLink: type = .regular
    case .symbolicLink: type = .symbolicLink
    case .fifo: type = .fifo
    case .characterDevice(let number):
      type = .characterDevice
      device = number
    case .blockDevice(let number):
      type = .blockDevice
      device = number
    case .other(let mode): throw .unsupportedMember(path: member.name, type: mode)
    }
    return ObjectMetadata(
      type: type, permissions: member.permissions, owner: options.owner ?? member.owner,
      modified: member.modified, device: device,
      attributes: type == .regular || type == .directory ? member.attributes : [])
  }

  private mutating func create(
    _ member: ArchiveMember, _ metadata: ObjectMetadata, _ name: BytePath, _ canonical: BytePath,
    _ place: OpenParent, _ archive: ArchiveReader
  ) throws(LayerError) {
    do throws(FileError) {
      switch member.kind {
      case .directory:
        if try place.folder.statusIfPresent(name) == nil {
          try place.folder.makeDirectory(name, permissions: 0o700)
        }
        folders[canonical] = .apply(metadata)
        return
      case .symbolicLink(let target):
        try place.folder.makeSymbolicLink(to: target, at: name)
      case .fifo:
        try place.folder.makeNode(.fifo, at: name, permissions: 0o600)
      case .characterDevice, .blockDevice:
        return try placement.makeDevice(metadata, at: name, in: place.folder, path: canonical)
      case .file, .hardLink, .other:
        break
      }
    } catch {
      throw .file(FileError(error.operation, canonical, error.code))
    }
    if case .file(let size) = member.kind { try writeContent(size, name, canonical, place, archive) }
    try onFile { () throws(FileError) in
      try placement.apply(metadata, to: name, in: place.folder, path: canonical)
    }
  }

  private mutating func writeContent(
    _ size: Int64, _ name: BytePath, _ canonical: BytePath, _ place: OpenParent, _ archive: ArchiveReader
  ) throws(LayerError) {
    let (total, overflow) = contentBytes.addingReportingOverflow(size)
    guard !overflow, total <= options.limits.totalBytes else {
      throw .limit(.totalBytes(options.limits.totalBytes), path: canonical)
    }
    contentBytes = total
    let file = try Self.createFile(name, canonical, place)
    var end: Int64 = 0
    try unsafe archive.readContent { (bytes, offset) throws(LayerError) in
      let last = offset + Int64(bytes.count)
      guard offset >= 0, last <= size else {
        throw .sizeChanged(path: canonical, expected: size, actual: last)
      }
      try onFile { () throws(FileError) in try unsafe file.write(bytes, at: offset) }
      end = max(end, last)
    }
    if end < size { try onFile { () throws(FileError) in try file.setSize(size) } }
  }

  private static func createFile(
    _ name: BytePath, _ canonical: BytePath, _ place: OpenParent
  ) throws(LayerError) -> OpenFile {
    do {
      return try place.folder.createFile(name, permissions: 0o600)
    } catch {
      throw .file(FileError(error.operation, canonical, error.code))
    }
  }

  /// Gives an existing file another name. Metadata of the link's header is ignored: it is that of the
  /// file, which has it already.
  private mutating func link(
    _ canonical: BytePath, _ name: BytePath, to target: BytePath, _ member: BytePath, _ place: OpenParent
  ) throws(LayerError) {
    let target = try relative(target)
    let existing: BytePath
    let status: FileStatus?
    do throws(FileError) {
      existing = try resolve(target, followingLast: false)
      status = try root.directory.statusIfPresent(existing)
    } catch {
      throw .linkTarget(path: member, target: target)
    }
    guard let status, !status.isDirectory else { throw .linkTarget(path: member, target: target) }
    written.insert(canonical)
    let present = try onFile { () throws(FileError) in try place.folder.statusIfPresent(name) }
    if let present, present.inode == status.inode, present.device == status.device { return }
    try clear(name, canonical, place, keepingFolder: false)
    try onFile { () throws(FileError) in try root.directory.makeHardLink(to: existing, at: canonical) }
    placement.link(existing, to: canonical)
  }

  /// Makes room for a member: what is there goes, unless it is a folder and stays one.
  private mutating func clear(
    _ name: BytePath, _ canonical: BytePath, _ place: OpenParent, keepingFolder: Bool
  ) throws(LayerError) {
    let present = try onFile { () throws(FileError) in try place.folder.statusIfPresent(name) }
    guard let present, !(keepingFolder && present.isDirectory) else { return }
    try remove(canonical, present.type)
  }

  /// Removes an object and what is remembered about it.
  mutating func remove(_ canonical: BytePath, _ type: FileType) throws(LayerError) {
    if type == .directory { try forget(below: canonical) }
    try onFile { () throws(FileError) in try root.directory.removeTree(canonical) }
    placement.removed(canonical, type)
    written.remove(canonical)
    folders[canonical] = nil
    // What is gone may have been on the way to the folder that is held open.
    if type == .directory || type == .symbolicLink { parent = nil }
  }

  /// Takes what this layer has made in a folder out of the records. A folder that is not among them
  /// has nothing below it that is.
  private mutating func forget(below folder: BytePath) throws(LayerError) {
    guard written.contains(folder) else { return }
    for item in try onFile({ () throws(FileError) in try root.directory.list(folder) }) {
      let path = folder.joining(item.name)
      guard written.contains(path) else { continue }
      var type = item.type
      if type == nil {
        type = try onFile { () throws(FileError) in try root.directory.statusIfPresent(path)?.type }
      }
      if type == .directory { try forget(below: path) }
      written.remove(path)
      folders[path] = nil
    }
  }

  // MARK: Folders

  /// The folder of a member, with links followed inside the tree; what is missing of it is created.
  private mutating func openParent(
    of path: BytePath, modified: Timestamp
  ) throws(LayerError) -> OpenParent {
    let name = path.parent
    if let parent, parent.name == name { return parent }
    let canonical = try onFile { () throws(FileError) in try resolve(name) }
    try makeFolders(canonical, modified: options.impliedTime ?? modified)
    var ancestor = canonical
    while !ancestor.isEmpty, written.insert(ancestor).inserted { ancestor = ancestor.parent }
    let opened = OpenParent(name: name, path: canonical, folder: try openFolder(canonical))
    parent = opened
    return opened
  }

  private func openFolder(_ path: BytePath) throws(LayerError) -> Directory {
    do {
      return try root.directory.openDirectoryForPaths(path)
    } catch {
      throw .file(error)
    }
  }

  /// Creates the missing folders of a canonical path as 0755 of root, and remembers the time of the
  /// last one that exists, which is about to change.
  private mutating func makeFolders(_ canonical: BytePath, modified: Timestamp) throws(LayerError) {
    var missing: [BytePath] = []
    var current = canonical
    while !current.isEmpty {
      if case .apply = folders[current] { break }
      let status = try onFile { () throws(FileError) in try root.directory.statusIfPresent(current) }
      if let status {
        guard status.isDirectory else { throw .file(FileError(.makeDirectory, current, ENOTDIR)) }
        if folders[current] == nil { folders[current] = .restore(status.modified) }
        break
      }
      missing.append(current)
      current = current.parent
    }
    for folder in missing.reversed() {
      try onFile { () throws(FileError) in try root.directory.makeDirectory(folder, permissions: 0o700) }
      written.insert(folder)
      folders[folder] = .apply(
        ObjectMetadata(
          type: .directory, permissions: 0o755, owner: options.owner ?? .root, modified: modified))
    }
  }

  /// Gives folders their metadata, the deepest first, so that nothing below changes a time again.
  private mutating func finishFolders() throws(LayerError) {
    for path in folders.keys.sorted().reversed() {
      guard let end = folders[path] else { continue }
      try onFile { () throws(FileError) in
        switch end {
        case .apply(let metadata):
          try placement.apply(metadata, to: path, in: root.directory, path: path)
        case .restore(let time):
          // A later removal may have taken it away.
          guard try root.directory.statusIfPresent(path)?.isDirectory == true else { return }
          try root.directory.setModified(path, time)
        }
      }
    }
  }
}
