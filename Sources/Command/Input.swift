import Glibc
import SourceText

/// Why a file could not be read.
struct InputError: Error {
  let path: String
  let reason: String
}

/// Reads a file, or standard input for `-`, as it is.
func readSource(_ path: String, name: String? = nil) throws(InputError) -> Source {
  let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw InputError(path: path, reason: errorText(errno)) }
  defer { if descriptor != STDIN_FILENO { close(descriptor) } }
  var status = stat()
  guard unsafe fstat(descriptor, &status) == 0 else { throw InputError(path: path, reason: errorText(errno)) }
  guard status.st_mode & S_IFMT != S_IFDIR else { throw InputError(path: path, reason: "is a folder") }
  var bytes: [UInt8] = []
  var capacity = max(4096, Int(status.st_size) + 1)
  while true {
    guard bytes.count <= Source.maximumSize else {
      throw InputError(path: path, reason: "is larger than 4 GiB")
    }
    var failure: Int32 = 0
    let chunk = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      let result = unsafe read(descriptor, buffer.baseAddress, buffer.count)
      failure = result < 0 ? errno : 0
      count = max(0, result)
    }
    if failure == EINTR { continue }
    guard failure == 0 else { throw InputError(path: path, reason: errorText(failure)) }
    if chunk.isEmpty { break }
    if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
    capacity = max(64 << 10, bytes.count / 2)
  }
  return Source(name: name ?? path, bytes: bytes)
}

/// What the C library says of an error number.
func errorText(_ number: Int32) -> String {
  guard let text = unsafe strerror(number) else { return "error \(number)" }
  return unsafe String(cString: text)
}

/// Writes all bytes to a descriptor; false when the other side is gone or the disk is full.
@discardableResult
func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
  unsafe bytes.withUnsafeBytes { buffer in
    var offset = 0
    while offset < buffer.count {
      let written = unsafe write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
      if written < 0 {
        if errno == EINTR { continue }
        return false
      }
      offset += written
    }
    return true
  }
}
