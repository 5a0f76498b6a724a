import CCurlLoader
import Glibc
import Synchronization

/// Requests through libcurl. Connections are kept for the next request to the same server.
package final class CurlTransport: HTTPTransport {
  /// A place for connections of libcurl; used by one thread at a time, which is why it may go from one to another.
  @safe private final class Connection: @unchecked Sendable {
    let handle: UnsafeMutableRawPointer

    init(_ handle: UnsafeMutableRawPointer) { unsafe self.handle = unsafe handle }
    deinit { unsafe curl_connection_close(handle) }
  }

  private let idle = Mutex<[Connection]>([])
  /// Seconds for a connection, and without a byte.
  private let patience: (connecting: Int64, stalled: Int64)

  package init(patience: (connecting: Int64, stalled: Int64) = (30, 60)) {
    self.patience = patience
  }

  /// Why there is no libcurl, in the loader's words; nil if there is one.
  package static var libraryFailure: String? {
    let reason = unsafe String(cString: curl_loader_failure())
    return reason.isEmpty ? nil : reason
  }

  package func send(
    _ request: HTTPRequest, to receiver: any BodyReceiver
  ) throws(TransportError) -> HTTPResponse {
    let connection: Connection
    if let found = idle.withLock({ $0.popLast() }) {
      connection = found
    } else {
      guard let handle = unsafe curl_connection_open() else {
        throw .noLibrary(unsafe String(cString: curl_loader_failure()))
      }
      connection = unsafe Connection(handle)
    }
    defer { idle.withLock { $0.append(connection) } }
    let exchange = try Exchange(request, receiver)
    let result = unsafe exchange.run(on: connection.handle, patience)
    if let failure = exchange.failure { throw failure }
    switch result.outcome {
    case Int32(CURL_LOADER_DONE.rawValue): return exchange.response
    case Int32(CURL_LOADER_NO_LIBRARY.rawValue): throw .noLibrary(Self.message(of: result))
    case Int32(CURL_LOADER_CANCELLED.rawValue): throw .cancelled
    default: throw .failed(code: Int(result.code), message: Self.message(of: result))
    }
  }

  private static func message(of result: curl_exchange_result) -> String {
    let bytes = unsafe withUnsafeBytes(of: result.message) { unsafe Array($0.prefix { $0 != 0 }) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// One request on its way. libcurl calls it back on the thread that carries out the request.
private final class Exchange {
  private let request: HTTPRequest
  private let receiver: any BodyReceiver
  private(set) var response = HTTPResponse(status: 0)
  private(set) var failure: TransportError?
  private var headSize = 0
  /// The file that is sent; -1 for none.
  private var file: CInt = -1
  private var position: Int64 = 0

  /// Bytes of a head at most.
  private static let headLimit = 1 << 18

  init(_ request: HTTPRequest, _ receiver: any BodyReceiver) throws(TransportError) {
    self.request = request
    self.receiver = receiver
    if case .file(let path, _, _) = request.body {
      file = unsafe (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { path in
        unsafe path.baseAddress.map { unsafe open($0, O_RDONLY | O_CLOEXEC) } ?? -1
      }
      guard file >= 0 else { throw .read(errno) }
    }
  }

  deinit { if file >= 0 { close(file) } }

  func run(
    on handle: UnsafeMutableRawPointer, _ patience: (connecting: Int64, stalled: Int64)
  ) -> curl_exchange_result {
    var headers = request.headers.map { "\($0.name): \($0.value)" }
    let size = request.body?.size ?? -1
    // libcurl would ask first whether a body is welcome, and wait for the answer.
    if size >= 0, size < 1 << 20 { headers.append("Expect:") }
    var exchange = unsafe curl_exchange()
    unsafe exchange.body_size = size
    unsafe exchange.cancel = request.cancel
    unsafe exchange.connect_seconds = patience.connecting
    unsafe exchange.stall_seconds = patience.stalled
    unsafe exchange.is_unverified = request.trust.isUnverified ? 1 : 0
    unsafe exchange.context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe exchange.head = { context, bytes, size in
      guard let exchange = unsafe Exchange.of(context) else { return }
      unsafe exchange.addHead(UnsafeRawBufferPointer(start: bytes, count: size))
    }
    unsafe exchange.body = { context, bytes, size in
      guard let exchange = unsafe Exchange.of(context) else { return 1 }
      return unsafe exchange.addBody(UnsafeRawBufferPointer(start: bytes, count: size)) ? 0 : 1
    }
    unsafe exchange.read = { context, buffer, room in
      guard let exchange = unsafe Exchange.of(context) else { return -1 }
      return unsafe exchange.fill(UnsafeMutableRawBufferPointer(start: buffer, count: room))
    }
    unsafe exchange.seek = { context, offset in
      guard let exchange = unsafe Exchange.of(context), offset >= 0 else { return 1 }
      exchange.position = offset
      return 0
    }
    var strings: [UnsafePointer<CChar>?] = unsafe headers.map { unsafe UnsafePointer(strdup($0)) }
    unsafe strings.append(nil)
    defer { unsafe strings.forEach { unsafe free(UnsafeMutableRawPointer(mutating: $0)) } }
    var texts: [UnsafeMutablePointer<CChar>?] = unsafe []
    defer { unsafe texts.forEach { unsafe free($0) } }
    func text(_ value: String?) -> UnsafePointer<CChar>? {
      guard let value else { return nil }
      let copy = unsafe strdup(value)
      unsafe texts.append(copy)
      return unsafe UnsafePointer(copy)
    }
    unsafe exchange.method = unsafe text(request.method)
    unsafe exchange.url = unsafe text(request.url.description)
    unsafe exchange.user_agent = unsafe text("slipway")
    unsafe exchange.certificate = unsafe text(request.trust.certificate)
    unsafe exchange.key = unsafe text(request.trust.key)
    var result = curl_exchange_result()
    let authorities = request.trust.authorities ?? []
    unsafe strings.withUnsafeBufferPointer { strings in
      unsafe authorities.withUnsafeBytes { authorities in
        unsafe exchange.headers = strings.baseAddress
        if authorities.count > 0 {
          unsafe exchange.authorities = unsafe authorities.bindMemory(to: CChar.self).baseAddress
          unsafe exchange.authorities_size = authorities.count
        }
        unsafe curl_connection_exchange(handle, &exchange, &result)
      }
    }
    return result
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> Exchange? {
    unsafe context.map { unsafe Unmanaged<Exchange>.fromOpaque($0).takeUnretainedValue() }
  }

  /// A line of a head. An interim answer (100) has one too, which the next one replaces.
  private func addHead(_ bytes: UnsafeRawBufferPointer) {
    headSize += bytes.count
    guard headSize <= Self.headLimit else { return }
    var line = unsafe String(decoding: bytes, as: UTF8.self)[...]
    while let last = line.unicodeScalars.last, last == "\r" || last == "\n" || last == " " {
      line.unicodeScalars.removeLast()
    }
    if line.hasPrefix("HTTP/") {
      let words = line.split(separator: " ", maxSplits: 2)
      response = HTTPResponse(status: words.count > 1 ? Int(words[1]) ?? 0 : 0)
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      response.headers.append(HTTPHeader(String(line[..<colon]), String(value)))
    }
  }

  private func addBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if unsafe receiver.receive(bytes, of: response) { return true }
    failure = .refused
    return false
  }

  private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int64 {
    guard let body = request.body else { return -1 }
    let count = min(Int64(buffer.count), body.size - position)
    if count <= 0 { return 0 }
    var done = 0
    switch body {
    case .bytes(let bytes):
      unsafe buffer.copyBytes(from: bytes[Int(position)..<Int(position + count)])
      done = Int(count)
    case .file(_, let offset, _):
      done = unsafe pread(file, buffer.baseAddress, Int(count), Int(offset + position))
      // The end of the file before the end of the body: the file has become shorter.
      guard done > 0 else {
        failure = .read(done < 0 ? errno : EIO)
        return -1
      }
    }
    position += Int64(done)
    request.sent?(position)
    return Int64(done)
  }
}
