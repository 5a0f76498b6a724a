import SourceText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a file cannot be had.
package enum FileFailure: Error, Hashable, Sendable {
  /// The kernel refuses, with its error number.
  case system(Int32)
  /// It is a folder.
  case isFolder
  /// It holds more bytes than is allowed.
  case tooLarge
}

/// Reads a file whole: open, fstat, one read and close where the file is what it says.
package func readFile(_ path: InputPath) throws(FileFailure) -> [UInt8] {
  try readFile(path, flags: 0, limit: Source.maximumSize)
}

/// Reads standard input to its end.
package func readStandardInput() throws(FileFailure) -> [UInt8] {
  try read(STDIN_FILENO, limit: Source.maximumSize)
}

/// Reads an ordinary file that the search met by itself: no pipe is waited for, and no link followed unless asked.
func readFoundFile(_ path: InputPath, followsLink: Bool, limit: Int) throws(FileFailure) -> [UInt8] {
  try readFile(path, flags: O_NONBLOCK | (followsLink ? 0 : O_NOFOLLOW), limit: limit)
}

private func readFile(_ path: InputPath, flags: Int32, limit: Int) throws(FileFailure) -> [UInt8] {
  guard let descriptor = unsafe path.withCPath({ unsafe open($0, O_RDONLY | O_CLOEXEC | flags) }) else {
    throw .system(ENOENT)
  }
  guard descriptor >= 0 else { throw .system(errno) }
  defer { close(descriptor) }
  return try read(descriptor, limit: limit)
}

private func read(_ descriptor: Int32, limit: Int) throws(FileFailure) -> [UInt8] {
  var status = stat()
  guard unsafe fstat(descriptor, &status) == 0 else { throw .system(errno) }
  guard status.st_mode & S_IFMT != S_IFDIR else { throw .isFolder }
  let isOrdinary = status.st_mode & S_IFMT == S_IFREG
  guard Int(status.st_size) <= limit else { throw .tooLarge }
  // One byte more than there should be: a short read of an ordinary file says that this was all. Not more than that: a
  // thousand files stay in memory.
  var capacity = isOrdinary && status.st_size > 0 ? Int(status.st_size) + 1 : 4096
  var bytes: [UInt8] = []
  while true {
    var failure: Int32 = 0
    let chunk = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      let result = unsafe read(descriptor, buffer.baseAddress, buffer.count)
      failure = result < 0 ? errno : 0
      count = max(0, result)
    }
    if failure == EINTR { continue }
    guard failure == 0 else { throw .system(failure) }
    if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
    guard bytes.count <= limit else { throw .tooLarge }
    if chunk.isEmpty || isOrdinary && status.st_size > 0 && chunk.count < capacity { return bytes }
    capacity = max(64 << 10, bytes.count / 2)
  }
}

/// What a path leads to.
enum FileKind {
  case file
  case folder
  case other
}

/// What a path leads to, links followed or not; with the error number when there is nothing.
func fileKind(_ path: InputPath, followsLink: Bool = true) throws(FileFailure) -> FileKind {
  var status = stat()
  let result = unsafe path.withCPath { path in
    followsLink ? unsafe stat(path, &status) : unsafe lstat(path, &status)
  }
  guard let result else { throw .system(ENOENT) }
  guard result == 0 else { throw .system(errno) }
  switch status.st_mode & S_IFMT {
  case S_IFREG: return .file
  case S_IFDIR: return .folder
  default: return .other
  }
}

/// The one absolute path without links of something that is there.
package func canonicalPath(_ path: InputPath) -> InputPath? {
  guard let found = unsafe path.withCPath({ unsafe realpath($0, nil) }), let text = unsafe found else {
    return nil
  }
  defer { unsafe free(text) }
  return unsafe InputPath(UnsafeBufferPointer(start: text, count: strlen(text)).map { UInt8(bitPattern: $0) })
}
