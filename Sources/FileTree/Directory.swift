import CLinux
import Glibc

/// A folder that is held open, and below which every path is resolved.
///
/// Links are followed as if the folder were the root of the file system: an absolute target starts
/// at the folder, and `..` stops there. The kernel does that (`openat2` with `RESOLVE_IN_ROOT` and
/// `RESOLVE_NO_MAGICLINKS`); where it does not know the call, or a filter refuses it, a walk over
/// the components does, one descriptor at a time.
///
/// Unless a method says otherwise it acts on the object that the path names, not on what a link
/// in last place points to. Paths are bytes; a leading `/` is the folder itself.
package struct Directory: ~Copyable, Sendable {
  /// How paths are resolved.
  package enum Resolution: Sendable {
    case kernel, componentWalk
  }

  let descriptor: Descriptor
  package let resolution: Resolution

  /// The descriptor, to hand to a call that needs one; it stays the property of this value.
  package var fileDescriptor: CInt { descriptor.raw }

  /// Opens a folder of the host. The path is resolved as the process would resolve it.
  package init(opening path: BytePath, resolution: Resolution? = nil) throws(FileError) {
    let flags = O_RDONLY | O_CLOEXEC | slipway_o_directory
    let raw = unsafe withCString(path.bytes) { unsafe Int(slipway_openat(AT_FDCWD, $0, flags, 0)) }
    self.init(adopting: CInt(try checked(raw, .open, path)), resolution: resolution)
  }

  /// Takes over an open descriptor of a folder.
  package init(adopting raw: CInt, resolution: Resolution? = nil) {
    descriptor = Descriptor(adopting: raw)
    self.resolution = resolution ?? Self.probe(raw)
  }

  private init(_ descriptor: consuming Descriptor, _ resolution: Resolution) {
    self.descriptor = descriptor
    self.resolution = resolution
  }

  /// Kernels before 5.6 answer ENOSYS, container runtimes with an old filter ENOSYS or EPERM.
  private static func probe(_ folder: CInt) -> Resolution {
    let flags = UInt64(bitPattern: Int64(slipway_o_path | O_CLOEXEC))
    let result = unsafe slipway_openat2(folder, ".", flags, 0, inRoot)
    guard result >= 0 else { return .componentWalk }
    _ = close(result)
    return .kernel
  }

  static let inRoot = UInt64(SLIPWAY_RESOLVE_IN_ROOT | SLIPWAY_RESOLVE_NO_MAGICLINKS)

  // MARK: Opening

  /// Opens a folder below this one; links are followed inside it.
  package func openDirectory(_ path: BytePath) throws(FileError) -> Directory {
    let flags = O_RDONLY | slipway_o_directory
    return Directory(try open(path, flags, follow: true, .open), resolution)
  }

  /// Opens a folder that may be neither readable nor listable; good for paths below it.
  package func openDirectoryForPaths(_ path: BytePath) throws(FileError) -> Directory {
    let flags = slipway_o_path | slipway_o_directory
    return Directory(try open(path, flags, follow: true, .open), resolution)
  }

  /// Opens a regular file for reading. Anything else gives `EINVAL`, a link `ELOOP` unless followed.
  package func openFile(_ path: BytePath, followingLink: Bool = false) throws(FileError) -> OpenFile {
    // Non-blocking, so that a fifo in the place of the file cannot hang the caller.
    let descriptor = try open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, follow: followingLink, .open)
    let file = OpenFile(descriptor, path: path)
    guard try file.status().isRegular else { throw FileError(.open, path, EINVAL) }
    return file
  }

  /// Opens by path, inside the root.
  func open(
    _ path: BytePath, _ flags: CInt, follow: Bool, _ operation: FileError.Operation
  ) throws(FileError) -> Descriptor {
    let flags = flags | O_CLOEXEC | (follow ? 0 : slipway_o_nofollow)
    if resolution == .kernel {
      let result = openInRoot(path, flags, Self.inRoot)
      if result >= 0 { return Descriptor(adopting: CInt(result)) }
      // A path longer than PATH_MAX can still be walked.
      if result != -Int(ENAMETOOLONG) { throw FileError(operation, path, CInt(-result)) }
    }
    let canonical = try walk(path, followLast: follow, mayBeMissing: false, operation)
    return try openCanonical(canonical, flags | slipway_o_nofollow, operation)
  }

  /// The raw `openat2`. EAGAIN means that a rename crossed a `..`, and asks to try again.
  func openInRoot(_ path: BytePath, _ flags: CInt, _ resolve: UInt64) -> Int {
    let bytes = path.isEmpty ? [.dot] : path.bytes
    return unsafe withCString(bytes) { name in
      for _ in 0..<64 {
        let result = unsafe slipway_openat2(
          descriptor.raw, name, UInt64(bitPattern: Int64(flags)), 0, resolve)
        if result != -EAGAIN { return Int(result) }
      }
      return -Int(EAGAIN)
    }
  }

  // MARK: The folder of a path

  /// Calls `body` with the descriptor of the folder that holds `path`, and the last component as a
  /// C string (empty for the root itself), and checks the result.
  @discardableResult
  func atParent(
    _ path: BytePath, _ operation: FileError.Operation,
    _ body: (CInt, UnsafePointer<CChar>) -> Int
  ) throws(FileError) -> Int {
    let (parent, name) = try split(path)
    if parent.isEmpty {
      return try checked(
        unsafe withCString(name) { unsafe body(descriptor.raw, $0) }, operation, path)
    }
    let folder = try openParent(parent, of: path, operation)
    return try checked(unsafe withCString(name) { unsafe body(folder.raw, $0) }, operation, path)
  }

  private func openParent(
    _ parent: BytePath, of path: BytePath, _ operation: FileError.Operation
  ) throws(FileError) -> Descriptor {
    do {
      return try open(parent, slipway_o_path | slipway_o_directory, follow: true, operation)
    } catch {
      throw FileError(operation, path, error.code)
    }
  }

  /// The folder part and the last name of a path; a path that ends in `.` or `..` is resolved first.
  private func split(_ path: BytePath) throws(FileError) -> (parent: BytePath, name: [UInt8]) {
    var end = path.bytes.endIndex
    while end > 0, path.bytes[end - 1] == .slash { end -= 1 }
    guard end > 0 else { return (BytePath(), []) }
    let trimmed = end == path.bytes.endIndex ? path : BytePath(Array(path.bytes[..<end]))
    let name = trimmed.lastComponent
    guard name != [.dot], name != [.dot, .dot] else {
      let canonical = try resolve(trimmed)
      return (canonical.parent, Array(canonical.lastComponent))
    }
    return (trimmed.parent, Array(name))
  }
}

/// A ``Directory`` that several owners hold; it is closed when the last of them goes.
package final class SharedDirectory: Sendable {
  package let directory: Directory

  package init(_ directory: consuming Directory) {
    self.directory = directory
  }

  /// Opens a folder of the host.
  package convenience init(opening path: BytePath) throws(FileError) {
    self.init(try Directory(opening: path))
  }
}
