import CCurlLoader
import Glibc

/// Why a file could not be brought from the network.
package enum DownloadError: Error, Hashable, Sendable {
  /// libcurl is not installed, or is no libcurl; the loader's words.
  case noLibrary(String)
  /// No answer came, or it broke off; libcurl's code and words.
  case failed(code: Int32, message: String)
  /// The server's answer was not the file.
  case status(Int)
  case tooLarge(limit: Int64)
  /// The file could not be written; `errno`.
  case write(Int32)
  case invalidURL
  case cancelled
}

/// A request for a file, over http or https.
package struct Download: Sendable {
  package var url: String
  /// Bytes that the file may have.
  package var limit: Int64 = 16 << 30
  /// Seconds for a connection, and without a byte.
  package var patience: (connecting: Int64, stalled: Int64) = (30, 60)
  package var redirects: Int64 = 10
  /// Readable once the request is to be given up; -1 for none.
  package var cancel: CInt = -1

  package init(_ url: String) { self.url = url }

  /// What the server said of the file.
  package struct Answer: Hashable, Sendable {
    package var size: Int64
    /// Seconds since 1970, of Last-Modified.
    package var modified: Int64?
    package var etag: String?
    /// The file name of Content-Disposition.
    package var name: [UInt8]?
  }

  /// Gets the file, and writes it to a descriptor. Blocks. Redirects are followed, within http and https.
  package func run(to descriptor: CInt) throws(DownloadError) -> Answer {
    guard !url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else { throw .invalidURL }
    var request = unsafe curl_loader_request()
    unsafe request.descriptor = descriptor
    unsafe request.cancel = cancel
    unsafe request.limit = limit
    unsafe request.connect_seconds = patience.connecting
    unsafe request.stall_seconds = patience.stalled
    unsafe request.redirects = redirects
    var response = curl_loader_response()
    unsafe url.withCString { url in
      unsafe "slipway".withCString { agent in
        unsafe request.url = url
        unsafe request.user_agent = agent
        unsafe curl_loader_get(&request, &response)
      }
    }
    try Self.check(response, limit: limit)
    let disposition = Self.text(of: response.disposition)
    let etag = Self.text(of: response.etag)
    return Answer(
      size: response.size, modified: response.modified >= 0 ? response.modified : nil,
      etag: etag.isEmpty ? nil : String(decoding: etag, as: UTF8.self),
      name: Self.fileName(ofDisposition: disposition))
  }

  private static func check(_ response: curl_loader_response, limit: Int64) throws(DownloadError) {
    let message = String(decoding: text(of: response.message), as: UTF8.self)
    switch response.outcome {
    case Int32(CURL_LOADER_DONE.rawValue):
      guard (200..<300).contains(response.status) else { throw .status(Int(response.status)) }
    case Int32(CURL_LOADER_NO_LIBRARY.rawValue): throw .noLibrary(message)
    case Int32(CURL_LOADER_TOO_LARGE.rawValue): throw .tooLarge(limit: limit)
    case Int32(CURL_LOADER_WRITE_FAILED.rawValue): throw .write(response.code)
    case Int32(CURL_LOADER_CANCELLED.rawValue): throw .cancelled
    default: throw .failed(code: response.code, message: message)
    }
  }

  /// The bytes of a C array of characters.
  private static func text<Characters>(of characters: Characters) -> [UInt8] {
    unsafe withUnsafeBytes(of: characters) { unsafe Array($0.prefix { $0 != 0 }) }
  }

  /// The value of `filename` (RFC 6266), without `filename*`.
  static func fileName(ofDisposition value: [UInt8]) -> [UInt8]? {
    for part in String(decoding: value, as: UTF8.self).split(separator: ";").dropFirst() {
      guard let equals = part.firstIndex(of: "=") else { continue }
      let key = part[..<equals].filter { $0 != " " }.lowercased()
      guard key == "filename" else { continue }
      var name = part[part.index(after: equals)...].drop { $0 == " " }
      while name.last == " " { name.removeLast() }
      if name.count >= 2, name.first == "\"", name.last == "\"" { name = name.dropFirst().dropLast() }
      return safeName(Array(name.utf8))
    }
    return nil
  }

  /// The file's name as the URL has it: the last part of the path, decoded; nil without one.
  package static func fileName(ofURL url: String) -> [UInt8]? {
    var rest = Array(url.utf8)[...]
    if let scheme = url.range(of: "://") { rest = Array(url[scheme.upperBound...].utf8)[...] }
    rest = rest.prefix { $0 != 0x3F && $0 != 0x23 }
    guard let slash = rest.firstIndex(of: 0x2F) else { return nil }
    var path: [UInt8] = []
    var index = slash
    while index < rest.endIndex {
      let byte = rest[index]
      index += 1
      if byte == 0x25, index + 1 < rest.endIndex, let high = digit(rest[index]),
        let low = digit(rest[index + 1])
      {
        path.append(high << 4 | low)
        index += 2
      } else {
        path.append(byte)
      }
    }
    while path.last == 0x2F { path.removeLast() }
    return safeName(path)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  /// The last component, if a file may have it as its name.
  private static func safeName(_ path: [UInt8]) -> [UInt8]? {
    let name = path.split(separator: 0x2F, omittingEmptySubsequences: true).last.map(Array.init) ?? []
    let dots: [[UInt8]] = [[0x2E], [0x2E, 0x2E]]
    return name.isEmpty || dots.contains(name) || name.contains(0) || name.count > 255 ? nil : name
  }
}

extension String {
  /// The first occurrence of a text.
  fileprivate func range(of text: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }

  /// A URL without its user and password, as messages show it.
  package var withoutCredentials: String {
    guard let scheme = range(of: "://") else { return self }
    let rest = self[scheme.upperBound...]
    let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard let at = host.lastIndex(of: "@") else { return self }
    return String(self[..<scheme.upperBound]) + String(rest[rest.index(after: at)...])
  }
}
