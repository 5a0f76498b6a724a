/// One line of a head. Names are compared in small letters.
package struct HTTPHeader: Hashable, Sendable {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// What is sent with a request. It can be sent again.
package enum HTTPBody: Sendable {
  case bytes([UInt8])
  /// `size` bytes of a file, from `offset` on.
  case file(path: [UInt8], offset: Int64, size: Int64)

  package var size: Int64 {
    switch self {
    case .bytes(let bytes): Int64(bytes.count)
    case .file(_, _, let size): size
    }
  }
}

/// Whom a server has to be, and who the client is.
package struct TLSTrust: Hashable, Sendable {
  /// PEM of the authorities that are trusted; nil are the system's.
  package var authorities: [UInt8]?
  /// Paths of the client's certificate and key, in PEM.
  package var certificate: String?
  package var key: String?
  /// Whether any certificate will do.
  package var isUnverified = false

  package init() {}
}

package struct HTTPRequest: Sendable {
  package var method: String
  package var url: HTTPURL
  package var headers: [HTTPHeader]
  package var body: HTTPBody?
  package var trust = TLSTrust()
  /// Readable once the request is to be given up; -1 for none.
  package var cancel: CInt = -1
  /// Told how many bytes of the body have been handed over so far.
  package var sent: (@Sendable (Int64) -> Void)?

  package init(_ method: String, _ url: HTTPURL, headers: [HTTPHeader] = [], body: HTTPBody? = nil) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
  }
}

/// The head of an answer.
package struct HTTPResponse: Hashable, Sendable {
  package var status: Int
  package var headers: [HTTPHeader]

  package init(status: Int, headers: [HTTPHeader] = []) {
    self.status = status
    self.headers = headers
  }

  /// The value of the first line of a name.
  package subscript(name: String) -> String? { values(name).first }

  package func values(_ name: String) -> [String] {
    let name = name.lowercased()
    return headers.filter { $0.name.lowercased() == name }.map(\.value)
  }

  /// Whether the request was carried out.
  package var isSuccess: Bool { (200..<300).contains(status) }
}

/// Takes the body of an answer, piece by piece.
package protocol BodyReceiver: AnyObject {
  /// - Returns: false to give the request up.
  func receive(_ bytes: UnsafeRawBufferPointer, of response: HTTPResponse) -> Bool
}

/// Why there is no answer.
package enum TransportError: Error, Hashable, Sendable {
  /// libcurl is not installed, or is no libcurl; the loader's words.
  case noLibrary(String)
  /// libcurl's code and words.
  case failed(code: Int, message: String)
  /// The file that is sent cannot be read; `errno`.
  case read(Int32)
  /// The receiver has given up.
  case refused
  case cancelled
}

/// Carries out single requests; follows no redirection, and knows no credentials.
package protocol HTTPTransport: Sendable {
  /// Blocks until the answer is there; its body goes to `receiver`.
  func send(_ request: HTTPRequest, to receiver: any BodyReceiver) throws(TransportError) -> HTTPResponse
}
