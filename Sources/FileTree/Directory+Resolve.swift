import CLinux
import Glibc

extension Directory {
  /// How many links one resolution may follow, as in the kernel.
  static let maximumLinks = 40

  /// The path without links, `.` and `..`: what the kernel would reach with this folder as `/`.
  ///
  /// What does not exist yet is kept as it is written, with `..` taken lexically, so a place to
  /// create something at can be resolved; a dangling link gives the place it points to.
  /// - Throws: `ELOOP` for a loop of links, `ENOTDIR` when a component in the middle is a file.
  package func resolve(_ path: BytePath, followingLast: Bool = true) throws(FileError) -> BytePath {
    if resolution == .kernel, followingLast, !path.components.contains([.dot, .dot]) {
      // Most paths exist and have no link in them; then the text is the answer.
      let resolve = Self.inRoot | UInt64(SLIPWAY_RESOLVE_NO_SYMLINKS)
      let opened = openInRoot(path, slipway_o_path | O_CLOEXEC, resolve)
      if opened >= 0 {
        _ = close(CInt(opened))
        return path.clampedToRoot
      }
    }
    return try walk(path, followLast: followingLast, mayBeMissing: true, .resolve)
  }

  /// Resolves component by component. It holds one descriptor at a time: `..` goes back to the
  /// root and down again, never through the kernel's `..`, which a rename could move.
  func walk(
    _ path: BytePath, followLast: Bool, mayBeMissing: Bool, _ operation: FileError.Operation
  ) throws(FileError) -> BytePath {
    var pending: [[UInt8]] = path.components.reversed().map { Array($0) }
    var canonical = BytePath()
    var current: Descriptor?
    var links = 0
    while let component = pending.popLast() {
      if component == [.dot] { continue }
      if component == [.dot, .dot] {
        canonical = canonical.parent
        current = canonical.isEmpty ? nil : try openCanonical(canonical, Self.folderFlags, operation)
        continue
      }
      let folder = current?.raw ?? descriptor.raw
      let flags = slipway_o_path | slipway_o_nofollow | O_CLOEXEC
      let opened = unsafe withCString(component) { unsafe Int(slipway_openat(folder, $0, flags, 0)) }
      if opened == -Int(ENOENT), mayBeMissing {
        return Self.appending(pending, to: canonical.joining(component))
      }
      let next = Descriptor(adopting: CInt(try checked(opened, operation, path)))
      guard let status = Self.status(of: next) else { throw FileError(operation, path, EIO) }
      if status.type == .symbolicLink, followLast || !pending.isEmpty {
        links += 1
        guard links <= Self.maximumLinks else { throw FileError(operation, path, ELOOP) }
        let target = BytePath(try Self.readLink(next.raw, [], operation, path))
        if target.isAbsolute {
          canonical = BytePath()
          current = nil
        }
        pending += target.components.reversed().map { Array($0) }
        continue
      }
      canonical = canonical.joining(component)
      if !status.isDirectory, !pending.isEmpty { throw FileError(operation, path, ENOTDIR) }
      current = consume next
    }
    return canonical
  }

  private static let folderFlags = slipway_o_path | slipway_o_directory | slipway_o_nofollow | O_CLOEXEC

  /// Appends components that do not exist; `..` takes the one before it away.
  private static func appending(_ reversed: [[UInt8]], to base: BytePath) -> BytePath {
    var result = base
    for component in reversed.reversed() where component != [.dot] {
      result = component == [.dot, .dot] ? result.parent : result.joining(component)
    }
    return result
  }

  /// Opens a path without links, one component at a time. A link that appears meanwhile is refused.
  func openCanonical(
    _ path: BytePath, _ flags: CInt, _ operation: FileError.Operation
  ) throws(FileError) -> Descriptor {
    var current: Descriptor?
    let components = path.components
    for (index, component) in components.enumerated() {
      let folder = current?.raw ?? descriptor.raw
      let last = index == components.count - 1
      let flags = last ? flags : Self.folderFlags
      let opened = unsafe withCString(Array(component)) { unsafe Int(slipway_openat(folder, $0, flags, 0)) }
      current = Descriptor(adopting: CInt(try checked(opened, operation, path)))
    }
    if let opened = current { return opened }
    let opened = unsafe Int(slipway_openat(descriptor.raw, ".", flags, 0))
    return Descriptor(adopting: CInt(try checked(opened, operation, path)))
  }

  /// The status of what a descriptor is open on.
  static func status(of descriptor: borrowing Descriptor) -> FileStatus? {
    var raw = slipway_status()
    guard unsafe slipway_status(descriptor.raw, "", &raw) == 0 else { return nil }
    return FileStatus(raw)
  }

  /// The text of a link in `folder`; an empty name means the descriptor itself.
  static func readLink(
    _ folder: CInt, _ name: [UInt8], _ operation: FileError.Operation, _ path: BytePath
  ) throws(FileError) -> [UInt8] {
    var target: [UInt8] = []
    let length = unsafe withCString(name) { name in
      // Linux bounds a link's text by PATH_MAX.
      unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
        guard let start = buffer.baseAddress else { return -Int(ENOMEM) }
        let count = unsafe readlinkat(folder, name, start, buffer.count)
        guard count >= 0 else { return -Int(errno) }
        target = unsafe buffer[..<count].map { UInt8(bitPattern: $0) }
        return count
      }
    }
    try checked(length, operation, path)
    return target
  }
}
