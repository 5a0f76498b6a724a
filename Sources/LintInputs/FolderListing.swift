#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What is in a folder.
struct FolderListing {
  struct Entry {
    let name: [UInt8]
    let kind: Kind
  }
  enum Kind { case file, folder, link, other }

  /// All but `.` and `..`, sorted by the bytes of the names.
  let entries: [Entry]

  /// Reads a folder; the kernel says along with the names what is a folder, so that no file is looked at by itself.
  ///
  /// - Parameter followsLink: whether the path itself may be a link to a folder.
  init(_ path: InputPath, followsLink: Bool) throws(FileFailure) {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | (followsLink ? 0 : O_NOFOLLOW)
    guard let descriptor = unsafe path.withCPath({ unsafe open($0, flags) }) else { throw .system(ENOENT) }
    guard descriptor >= 0 else { throw .system(errno) }
    guard let stream = unsafe fdopendir(descriptor) else {
      let failure = errno
      close(descriptor)
      throw .system(failure)
    }
    defer { unsafe closedir(stream) }
    var entries: [Entry] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        guard errno == 0 else { throw .system(errno) }
        break
      }
      let name = unsafe Self.name(of: entry)
      guard !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) else { continue }
      entries.append(Entry(name: name, kind: unsafe Self.kind(entry.pointee.d_type, name, in: path)))
    }
    self.entries = entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    unsafe withUnsafeBytes(of: &entry.pointee.d_name) { buffer in
      unsafe Array(buffer[..<(buffer.firstIndex(of: 0) ?? buffer.count)])
    }
  }

  private static func kind(_ type: UInt8, _ name: [UInt8], in folder: InputPath) -> Kind {
    switch Int(type) {
    case Int(DT_REG): return .file
    case Int(DT_DIR): return .folder
    case Int(DT_LNK): return .link
    case Int(DT_UNKNOWN): break
    default: return .other
    }
    // Some file systems do not say.
    var status = stat()
    let path = folder.appending(name)
    guard unsafe path.withCPath({ unsafe lstat($0, &status) }) == 0 else { return .other }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    case S_IFLNK: return .link
    default: return .other
    }
  }

  /// Whether something of a name is there.
  func contains(_ name: String) -> Bool {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].name.lexicographicallyPrecedes(name.utf8) { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].name.elementsEqual(name.utf8)
  }
}
