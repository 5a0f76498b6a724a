import CLinux
import Glibc

/// Why a tree could not be copied.
package enum TreeCopyError: Error, Hashable, Sendable {
  case file(FileError)
  /// A folder should go where something else is; the path is that of the destination.
  case folderOverFile(BytePath)
  /// Something else should go where a folder is; the path is that of the destination.
  case fileOverFolder(BytePath)
  /// A source file got shorter or longer while it was read.
  case sizeChanged(BytePath, expected: Int64, actual: Int64)
}

/// What a copy did.
package struct TreeCopyReport: Hashable, Sendable {
  package var objects = 0
  /// Bytes of regular files, holes included.
  package var bytes: Int64 = 0
  /// Sockets in the source: nothing can carry them, so they were left out.
  package var skippedSockets: [BytePath] = []
}

/// Copies a file or a folder with everything in it into another tree.
///
/// Content is shared with the source where the file system can (`FICLONE`), else copied in the
/// kernel, hole by hole. Permissions, times to the nanosecond, links, hard links within one copy,
/// fifos and devices are kept. What exists is replaced, and folders are merged.
package struct TreeCopy {
  package struct Options {
    package var attributes = AttributeSelection.capabilities
    /// What the source's disk could not hold, by the paths of the source.
    package var sourceOwners: OwnershipTable?
    /// The owner and the permissions that an object gets; called with its path below the source.
    package var metadata: ((BytePath, FileStatus) -> (owner: Owner, permissions: UInt32))?
    /// Whether an object is copied, by its path below the source; a folder that is not is not entered.
    package var including: ((BytePath, FileStatus) -> Bool)?
    /// Whether a destination folder that exists keeps its owner and permissions. Its time becomes that
    /// of the source either way.
    package var keepsExistingRoot = true
    /// Whether a file or link stays that is the same already, as far as a layer tells: times in whole seconds.
    package var leavesEqual = false
    /// Later times are this one for the comparison, in seconds since 1970.
    package var latestModified: Int64?

    package init() {}
  }

  private let options: Options
  /// Owners go here or to the disk; read it back after copying.
  package private(set) var placement: Placement
  package private(set) var report = TreeCopyReport()
  private var links: [FileIdentity: BytePath] = [:]

  private struct FileIdentity: Hashable {
    var device: UInt64
    var inode: UInt64
  }

  package init(_ options: Options = Options(), placement: Placement) {
    self.options = options
    self.placement = placement
  }

  /// Copies one object. Links in the folders of both paths are followed inside their roots, the
  /// objects themselves are not; the folder of the destination must exist.
  package mutating func copy(
    from source: borrowing Directory, _ path: BytePath, to target: borrowing Directory,
    _ destination: BytePath
  ) throws(TreeCopyError) {
    let place = try onFiles { () throws(FileError) in
      (
        from: try source.resolve(path, followingLast: false),
        to: try target.resolve(destination, followingLast: false)
      )
    }
    links.removeAll()
    try self.copy(
      Step(source: place.from, relative: BytePath(), destination: place.to, name: BytePath()),
      from: source, place.from, to: target, place.to, root: target)
  }

  private struct Step {
    /// The canonical path in the source tree.
    var source: BytePath
    /// The path below what is being copied.
    var relative: BytePath
    /// The canonical path in the target tree.
    var destination: BytePath
    var name: BytePath

    func entering(_ name: [UInt8]) -> Step {
      Step(
        source: source.joining(name), relative: relative.joining(name),
        destination: destination.joining(name), name: BytePath(name))
    }
  }

  private mutating func copy(
    _ step: Step, from folder: borrowing Directory, _ name: BytePath,
    to target: borrowing Directory, _ newName: BytePath, root: borrowing Directory
  ) throws(TreeCopyError) {
    var status = try onFiles(at: step.source) { () throws(FileError) in try folder.status(name) }
    var attributes = try onFiles(at: step.source) { () throws(FileError) in
      try folder.attributes(name, type: status.type, options.attributes)
    }
    if let owners = options.sourceOwners {
      (status, attributes) = owners.applying(to: status, attributes, at: step.source)
    }
    if let including = options.including, !including(step.relative, status) { return }
    if status.type == .socket {
      report.skippedSockets.append(step.source)
      return
    }
    let existing = try onFiles(at: step.destination) { () throws(FileError) in
      try target.statusIfPresent(newName)
    }
    let chosen = options.metadata?(step.relative, status)
    var metadata = ObjectMetadata(
      type: status.type, permissions: chosen?.permissions ?? status.permissions,
      owner: chosen?.owner ?? status.owner, modified: status.modified,
      device: DeviceNumber(rdev: status.rdev), attributes: attributes)
    report.objects += 1

    if status.isDirectory {
      if let existing {
        guard existing.isDirectory else { throw .folderOverFile(step.destination) }
        if step.relative.isEmpty, options.keepsExistingRoot {
          metadata.permissions = existing.permissions
          metadata.owner = existing.owner
          metadata.attributes = []
        }
      }
      try copyFolder(
        step, from: folder, name, to: target, newName, root: root, metadata, existing: existing)
      return
    }

    if let existing {
      guard !existing.isDirectory else { throw .fileOverFolder(step.destination) }
      let isThere = try onFiles(at: step.destination) { () throws(FileError) in
        try isEqual(existing, newName, in: target, step.destination, to: metadata, status, name, in: folder)
      }
      if isThere { return }
      try onFiles(at: step.destination) { () throws(FileError) in try target.removeFile(newName) }
      placement.removed(step.destination, existing.type)
    }
    let identity = FileIdentity(device: status.device, inode: status.inode)
    if status.linkCount > 1, let first = links[identity] {
      try onFiles(at: step.destination) { () throws(FileError) in
        try root.makeHardLink(to: first, at: step.destination)
      }
      placement.link(first, to: step.destination)
      return
    }
    try create(step, metadata, status, from: folder, name, to: target, newName)
    if status.linkCount > 1 { links[identity] = step.destination }
  }

  /// Whether an object in the destination is what would be put there. One of several names is never: which files are one
  /// would have to be compared too.
  private func isEqual(
    _ existing: FileStatus, _ newName: BytePath, in target: borrowing Directory, _ path: BytePath,
    to metadata: ObjectMetadata, _ status: FileStatus, _ name: BytePath, in folder: borrowing Directory
  ) throws(FileError) -> Bool {
    guard options.leavesEqual, existing.linkCount == 1, status.linkCount == 1, existing.size == status.size
    else { return false }
    var found = existing
    var attributes = try target.attributes(newName, type: existing.type, options.attributes)
    if let owners = placement.owners {
      (found, attributes) = owners.applying(to: found, attributes, at: path)
    }
    let isLink = metadata.type == .symbolicLink
    guard found.type == metadata.type, found.owner == metadata.owner,
      isLink || found.permissions == metadata.permissions, attributes == metadata.attributes
    else { return false }
    let latest = options.latestModified ?? .max
    guard min(found.modified.seconds, latest) == min(metadata.modified.seconds, latest) else { return false }
    switch metadata.type {
    case .regular: return try folder.hasSameContent(name, as: newName, in: target)
    case .symbolicLink: return try folder.readLink(name) == target.readLink(newName)
    default: return false
    }
  }

  private mutating func copyFolder(
    _ step: Step, from folder: borrowing Directory, _ name: BytePath,
    to target: borrowing Directory, _ newName: BytePath, root: borrowing Directory,
    _ metadata: ObjectMetadata, existing: FileStatus?
  ) throws(TreeCopyError) {
    if existing == nil {
      try onFiles(at: step.destination) { () throws(FileError) in
        try target.makeDirectory(newName, permissions: 0o700)
      }
    }
    let inner = try Self.open(folder, name, step.source)
    let innerTarget = try Self.openForPaths(target, newName, step.destination)
    let items = try onFiles(at: step.source) { () throws(FileError) in try inner.list() }
    for item in items {
      let next = step.entering(item.name)
      try copy(next, from: inner, next.name, to: innerTarget, next.name, root: root)
    }
    let keeps = existing != nil && step.relative.isEmpty && options.keepsExistingRoot
    try onFiles(at: step.destination) { () throws(FileError) in
      if keeps {
        try target.setModified(newName, metadata.modified)
      } else {
        try placement.apply(metadata, to: newName, in: target, path: step.destination)
      }
    }
  }

  private static func open(
    _ folder: borrowing Directory, _ name: BytePath, _ path: BytePath
  ) throws(TreeCopyError) -> Directory {
    do {
      return try folder.openDirectory(name)
    } catch {
      throw .file(FileError(error.operation, path, error.code))
    }
  }

  private static func openForPaths(
    _ folder: borrowing Directory, _ name: BytePath, _ path: BytePath
  ) throws(TreeCopyError) -> Directory {
    do {
      return try folder.openDirectoryForPaths(name)
    } catch {
      throw .file(FileError(error.operation, path, error.code))
    }
  }

  private mutating func create(
    _ step: Step, _ metadata: ObjectMetadata, _ status: FileStatus, from folder: borrowing Directory,
    _ name: BytePath, to target: borrowing Directory, _ newName: BytePath
  ) throws(TreeCopyError) {
    switch status.type {
    case .regular:
      let copied: Int64
      do throws(FileError) {
        let input = try folder.openFile(name)
        let output = try target.createFile(newName, permissions: 0o600)
        copied = try FileContent.copy(from: input, to: output, status: status)
      } catch {
        throw .file(FileError(error.operation, step.source, error.code))
      }
      guard copied == status.size else {
        throw .sizeChanged(step.source, expected: status.size, actual: copied)
      }
      report.bytes += copied
    case .symbolicLink:
      try onFiles(at: step.source) { () throws(FileError) in
        try target.makeSymbolicLink(to: try folder.readLink(name), at: newName)
      }
    case .fifo:
      try onFiles(at: step.destination) { () throws(FileError) in
        try target.makeNode(.fifo, at: newName, permissions: 0o600)
      }
    case .characterDevice, .blockDevice:
      return try onFiles(at: step.destination) { () throws(FileError) in
        try placement.makeDevice(metadata, at: newName, in: target, path: step.destination)
      }
    case .directory, .socket:
      return
    }
    try onFiles(at: step.destination) { () throws(FileError) in
      try placement.apply(metadata, to: newName, in: target, path: step.destination)
    }
  }
}

/// Runs a step on files and gives its error the path that the caller knows.
private func onFiles<Result>(
  at path: BytePath? = nil, _ body: () throws(FileError) -> Result
) throws(TreeCopyError) -> Result {
  do {
    return try body()
  } catch {
    throw .file(FileError(error.operation, path ?? error.path, error.code))
  }
}

/// Copying of bytes between two open files.
package enum FileContent {
  /// Copies `status.size` bytes into an empty file.
  /// - Returns: the size that was found. Another size than the status says means that the source
  ///   changed meanwhile.
  package static func copy(
    from input: borrowing OpenFile, to output: borrowing OpenFile, status: FileStatus
  ) throws(FileError) -> Int64 {
    let size = status.size
    if size > 0, slipway_ficlone(input.fileDescriptor, output.fileDescriptor) == 0 {
      return try output.status().size
    }
    if status.blocks &* 512 < size {
      try copyData(from: input, to: output, size)
    } else {
      try copyRange(from: input, to: output, start: 0, end: size)
    }
    let actual = try input.status().size
    if actual == size, try output.status().size != size { try output.setSize(size) }
    return actual
  }

  /// Copies only the stretches that hold data, so that holes stay holes.
  private static func copyData(
    from input: borrowing OpenFile, to output: borrowing OpenFile, _ size: Int64
  ) throws(FileError) {
    var offset: Int64 = 0
    while offset < size {
      var start: Int64 = 0
      var end: Int64 = 0
      let found = unsafe slipway_next_data(input.fileDescriptor, offset, &start, &end)
      if found == -EINVAL || found == -EOPNOTSUPP {
        try copyRange(from: input, to: output, start: offset, end: size)
        return
      }
      guard try checked(Int(found), .read, input.path) == 1 else { break }
      try copyRange(from: input, to: output, start: start, end: min(end, size))
      offset = end
    }
    try output.setSize(size)
  }

  private static func copyRange(
    from input: borrowing OpenFile, to output: borrowing OpenFile, start: Int64, end: Int64
  ) throws(FileError) {
    guard lseek(input.fileDescriptor, Int(start), SEEK_SET) >= 0,
      lseek(output.fileDescriptor, Int(start), SEEK_SET) >= 0
    else { throw FileError(.copy, input.path, errno) }
    var offset = start
    while offset < end {
      let count = slipway_copy_file_range(input.fileDescriptor, output.fileDescriptor, Int(end - offset))
      if count > 0 {
        offset += Int64(count)
      } else if count == 0 {
        return
      } else if count == -Int(ENOSPC) || count == -Int(EIO) || count == -Int(EDQUOT) || count == -Int(EFBIG) {
        throw FileError(.write, output.path, CInt(-count))
      } else {
        // Another file system, or a kernel or filter without the call: through memory then.
        return try copyThroughMemory(from: input, to: output, start: offset, end: end)
      }
    }
  }

  private static func copyThroughMemory(
    from input: borrowing OpenFile, to output: borrowing OpenFile, start: Int64, end: Int64
  ) throws(FileError) {
    var offset = start
    var failure: FileError?
    var buffer = [UInt8](repeating: 0, count: Int(min(1 << 20, end - start)))
    unsafe buffer.withUnsafeMutableBytes { buffer in
      do throws(FileError) {
        while offset < end {
          let part = unsafe UnsafeMutableRawBufferPointer(
            rebasing: buffer[..<Int(min(Int64(buffer.count), end - offset))])
          let count = try unsafe input.read(into: part, at: offset)
          guard count > 0 else { return }
          try unsafe output.write(UnsafeRawBufferPointer(rebasing: part[..<count]), at: offset)
          offset += Int64(count)
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }
}
