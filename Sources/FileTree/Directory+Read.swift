import CLinux
import Glibc

/// A name in a folder, with the type that the folder's listing claims (`nil` if it does not say).
package struct DirectoryItem: Hashable, Sendable {
  package var name: [UInt8]
  package var type: FileType?
}

extension Directory {
  /// The names in a folder, sorted by their bytes, without `.` and `..`.
  package func list(_ path: BytePath = BytePath()) throws(FileError) -> [DirectoryItem] {
    let folder = try open(path, O_RDONLY | slipway_o_directory, follow: true, .list)
    return try Self.list(folder.raw, path)
  }

  /// Reads an open folder from where its offset is.
  static func list(_ folder: CInt, _ path: BytePath) throws(FileError) -> [DirectoryItem] {
    var items: [DirectoryItem] = []
    let capacity = 64 * 1024
    let result = unsafe withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { buffer in
      guard let start = buffer.baseAddress else { return -Int(ENOMEM) }
      let characters = unsafe start.bindMemory(to: CChar.self, capacity: capacity)
      var end: CInt = 0
      while end == 0 {
        let used = unsafe slipway_list(folder, characters, capacity, &end)
        guard used >= 0 else { return used }
        unsafe append(UnsafeRawBufferPointer(start: start, count: used), to: &items)
      }
      return 0
    }
    try checked(result, .list, path)
    items.sort { $0.name.lexicographicallyPrecedes($1.name) }
    return items
  }

  private static func append(_ filled: UnsafeRawBufferPointer, to items: inout [DirectoryItem]) {
    var at = 0
    while at < filled.count {
      // The type byte holds the format bits of the mode, shifted down by twelve.
      let type = unsafe FileType(mode: UInt32(filled[at]) << 12)
      let start = at + 1
      at = start
      while unsafe at < filled.count && filled[at] != 0 { at += 1 }
      items.append(DirectoryItem(name: unsafe Array(filled[start..<at]), type: type))
      at += 1
    }
  }

  /// The metadata of an object; the empty path is the folder itself.
  package func status(_ path: BytePath = BytePath(), followingLink: Bool = false) throws(FileError)
    -> FileStatus
  {
    if followingLink {
      let object = try open(path, slipway_o_path, follow: true, .status)
      guard let status = Self.status(of: object) else { throw FileError(.status, path, EIO) }
      return status
    }
    var raw = slipway_status()
    try unsafe atParent(path, .status) { folder, name in
      unsafe Int(slipway_status(folder, name, &raw))
    }
    guard let status = FileStatus(raw) else { throw FileError(.status, path, EIO) }
    return status
  }

  /// The metadata of an object, or `nil` when nothing is there.
  package func statusIfPresent(
    _ path: BytePath, followingLink: Bool = false
  ) throws(FileError) -> FileStatus? {
    do {
      return try status(path, followingLink: followingLink)
    } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
  }

  /// When an object was made; the epoch where the file system does not know.
  package func born(_ path: BytePath) throws(FileError) -> Timestamp {
    var seconds: Int64 = 0
    var nanoseconds: UInt32 = 0
    try unsafe atParent(path, .status) { folder, name in
      unsafe Int(slipway_birth(folder, name, &seconds, &nanoseconds))
    }
    return Timestamp(seconds: seconds, nanoseconds: nanoseconds)
  }

  /// The text of a symbolic link.
  package func readLink(_ path: BytePath) throws(FileError) -> BytePath {
    var target: [UInt8] = []
    var failure: FileError?
    try unsafe atParent(path, .readLink) { folder, name in
      do throws(FileError) {
        target = try unsafe Self.readLink(folder, bytes(of: name), .readLink, path)
      } catch {
        failure = error
      }
      return 0
    }
    if let failure { throw failure }
    return BytePath(target)
  }

  /// All bytes of a regular file of at most `limit` bytes; a larger one gives `EFBIG`.
  package func readFile(
    _ path: BytePath, followingLink: Bool = false, limit: Int
  ) throws(FileError) -> [UInt8] {
    let file = try openFile(path, followingLink: followingLink)
    return try file.readAll(limit: limit)
  }
}

func bytes(of name: UnsafePointer<CChar>) -> [UInt8] {
  let length = unsafe strlen(name)
  return unsafe UnsafeBufferPointer(start: name, count: length).map { UInt8(bitPattern: $0) }
}

/// A regular file that is open.
package struct OpenFile: ~Copyable, Sendable {
  let descriptor: Descriptor
  /// The path it was opened by, for errors.
  package let path: BytePath

  init(_ descriptor: consuming Descriptor, path: BytePath) {
    self.descriptor = descriptor
    self.path = path
  }

  /// The descriptor, to hand to a call that needs one; it stays the property of this value.
  package var fileDescriptor: CInt { descriptor.raw }

  package func status() throws(FileError) -> FileStatus {
    guard let status = Directory.status(of: descriptor) else { throw FileError(.status, path, EIO) }
    return status
  }

  /// Reads into `buffer` from `offset` on; 0 means the end of the file.
  package func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(FileError) -> Int {
    guard let start = buffer.baseAddress else { return 0 }
    let count = unsafe slipway_pread(descriptor.raw, start, buffer.count, offset)
    return try checked(count, .read, path)
  }

  /// Writes all of `buffer` at `offset`.
  package func write(_ buffer: UnsafeRawBufferPointer, at offset: Int64) throws(FileError) {
    guard let start = buffer.baseAddress, buffer.count > 0 else { return }
    let result = unsafe slipway_pwrite_all(descriptor.raw, start, buffer.count, offset)
    try checked(Int(result), .write, path)
  }

  package func write(_ bytes: [UInt8], at offset: Int64 = 0) throws(FileError) {
    var failure: FileError?
    unsafe bytes.withUnsafeBytes { buffer in
      do throws(FileError) { try unsafe write(buffer, at: offset) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  package func setSize(_ size: Int64) throws(FileError) {
    guard ftruncate(descriptor.raw, Int(size)) == 0 else { throw FileError(.write, path, errno) }
  }

  /// All bytes of the file; more than `limit` gives `EFBIG`.
  package func readAll(limit: Int) throws(FileError) -> [UInt8] {
    let size = try status().size
    guard size <= Int64(limit) else { throw FileError(.read, path, EFBIG) }
    var result: [UInt8] = []
    var failure: FileError?
    // One byte more than claimed shows the end without another round, and growth as well.
    var capacity = Int(size) + 1
    while true {
      let chunk = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        do throws(FileError) {
          count = try unsafe read(into: UnsafeMutableRawBufferPointer(buffer), at: Int64(result.count))
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      if chunk.isEmpty { return result }
      if result.isEmpty { result = chunk } else { result += chunk }
      guard result.count <= limit else { throw FileError(.read, path, EFBIG) }
      capacity = 64 * 1024
    }
  }
}
