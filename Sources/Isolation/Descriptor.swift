import CIsolation
import Glibc

/// A file descriptor that is closed when its owner goes.
struct Descriptor: ~Copyable, Sendable {
  let raw: CInt

  init(owning raw: CInt) { self.raw = raw }

  /// Takes the answer of a C function of this package: a descriptor, or a negative errno.
  init(answer: CInt, call: String) throws(IsolationError) {
    guard answer >= 0 else { throw .system(call: call, errno: -answer) }
    raw = answer
  }

  deinit { _ = close(raw) }
}

/// Both ends of a pipe, each of which can be closed by itself.
struct Pipe: ~Copyable {
  var reader: Descriptor?
  var writer: Descriptor?

  /// - Parameter isSocket: whether descriptors can go through it.
  init(isSocket: Bool = false) throws(IsolationError) {
    var ends: (CInt, CInt) = (-1, -1)
    let answer = unsafe withUnsafeMutablePointer(to: &ends) { pointer in
      unsafe pointer.withMemoryRebound(to: CInt.self, capacity: 2) { ends in
        unsafe isSocket ? isolation_socket_pair(ends) : isolation_pipe(ends)
      }
    }
    guard answer == 0 else { throw .system(call: isSocket ? "socketpair" : "pipe2", errno: -answer) }
    reader = Descriptor(owning: ends.0)
    writer = Descriptor(owning: ends.1)
  }

  /// -1 for an end that is closed: what poll(2) ignores.
  var readerDescriptor: CInt {
    switch reader {
    case .some(let end): end.raw
    case .none: -1
    }
  }

  var writerDescriptor: CInt {
    switch writer {
    case .some(let end): end.raw
    case .none: -1
    }
  }
}

/// What a read found.
enum ReadResult {
  case bytes([UInt8])
  case end
  /// Nothing now, on a descriptor that does not block.
  case nothingYet
}

/// Reads at most `limit` bytes.
func readBytes(_ descriptor: CInt, limit: Int) throws(IsolationError) -> ReadResult {
  var failure: Int32 = 0
  var bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
    while true {
      let result = unsafe read(descriptor, buffer.baseAddress, limit)
      if result >= 0 {
        count = result
        return
      }
      if errno != EINTR {
        failure = errno
        count = 0
        return
      }
    }
  }
  if failure == EAGAIN { return .nothingYet }
  guard failure == 0 else { throw .system(call: "read", errno: failure) }
  if bytes.isEmpty { return .end }
  // A small piece must not hold on to the whole buffer.
  if bytes.count < limit / 4 { bytes = Array(bytes[...]) }
  return .bytes(bytes)
}

/// Writes everything; answers 0 or the errno.
func writeBytes(_ descriptor: CInt, _ bytes: [UInt8]) -> Int32 {
  unsafe bytes.withUnsafeBytes { buffer in
    var done = 0
    while done < buffer.count {
      let result = unsafe write(descriptor, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done)
      if result >= 0 {
        done += result
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }
}

/// Calls with the bytes as a C string; the pointer is valid for the call only.
func withCString<Result>(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
  let text = (bytes + [0]).map { CChar(bitPattern: $0) }
  return unsafe text.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return unsafe "".withCString { unsafe body($0) } }
    return unsafe body(base)
  }
}

/// Opens a file of the host.
func openHost(_ path: [UInt8], _ flags: CInt) -> CInt {
  unsafe withCString(path) { name in
    while true {
      let descriptor = unsafe open(name, flags | O_CLOEXEC)
      if descriptor >= 0 { return descriptor }
      if errno != EINTR { return -errno }
    }
  }
}

/// Reads a whole file of the host, at most `limit` bytes; `nil` if it cannot be opened.
func readHostFile(_ path: String, limit: Int) -> [UInt8]? {
  readHostFile(Array(path.utf8), limit: limit)
}

func readHostFile(_ path: [UInt8], limit: Int) -> [UInt8]? {
  let raw = openHost(path, O_RDONLY)
  guard raw >= 0 else { return nil }
  let descriptor = Descriptor(owning: raw)
  var content: [UInt8] = []
  while content.count < limit {
    guard let piece = try? readBytes(descriptor.raw, limit: min(65536, limit - content.count)),
      case .bytes(let bytes) = piece
    else { break }
    content += bytes
  }
  return content
}
