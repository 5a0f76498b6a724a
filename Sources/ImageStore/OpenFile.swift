import Glibc

/// An open file; closed with the value. Calls that a signal interrupts are repeated.
struct OpenFile: ~Copyable, Sendable {
  let descriptor: CInt
  /// For messages.
  let path: [UInt8]

  deinit { close(descriptor) }

  /// Reads up to `buffer.count` bytes; 0 is the end.
  func read(into buffer: inout [UInt8]) throws(StoreError) -> Int {
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      if count >= 0 { return count }
      if errno != EINTR { throw failure("read") }
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
    var rest = unsafe bytes
    while unsafe !rest.isEmpty {
      let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count >= 0 {
        unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } else if errno != EINTR {
        throw failure("write")
      }
    }
  }

  func write(_ bytes: [UInt8]) throws(StoreError) {
    try write(bytes.span)
  }

  func write(_ bytes: Span<UInt8>) throws(StoreError) {
    try unsafe bytes.withUnsafeBytes { bytes throws(StoreError) in try unsafe write(bytes) }
  }

  /// Puts the content on the disk.
  func sync() throws(StoreError) {
    while fsync(descriptor) != 0 {
      if errno != EINTR { throw failure("fsync") }
    }
  }

  /// Type, size and so on.
  func status() throws(StoreError) -> stat {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw failure("fstat") }
    return status
  }

  /// The whole content, if it has at most `limit` bytes.
  func readAll(limit: Int) throws(StoreError) -> [UInt8] {
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try read(into: &buffer)
      if count == 0 { return content }
      guard content.count + count <= limit else {
        throw .tooLarge(what: String(decoding: path, as: UTF8.self), limit: Int64(limit))
      }
      content += buffer[..<count]
    }
  }

  func failure(_ operation: String) -> StoreError {
    .system(SystemFailure(operation: operation, path: path, code: errno))
  }
}

/// Bytes that one call reads or writes.
let ioBufferSize = 1 << 18

extension OpenFile {
  func setMode(_ mode: mode_t) throws(StoreError) {
    guard fchmod(descriptor, mode) == 0 else { throw failure("fchmod") }
  }
}
