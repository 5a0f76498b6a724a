package import ImageStore
import JSONText
package import OCIModel

/// What a registry can fail with. Hosts are `host` or `host:port`; no secret is in any of it.
package enum RegistryError: Error, Hashable, Sendable {
  /// libcurl is not installed, or is no libcurl; the loader's words.
  case noLibrary(String)
  /// The host cannot be reached, or the connection broke off again and again; libcurl's code and words.
  case unreachable(host: String, code: Int, message: String)
  /// The host is not whom it should be, or wants a certificate; libcurl's words.
  case certificate(host: String, message: String)
  /// A file of a certificate cannot be read; `errno`.
  case trust(path: String, code: Int32)
  /// The registry's answer was not what was asked for.
  case status(RegistryAnswer)
  /// A credential, if there is one, is not enough, or there is none.
  case unauthorized(RegistryAnswer, hasCredential: Bool)
  /// There is no such thing, or it may not be seen.
  case notFound(RegistryAnswer)
  /// Too many requests, and no room soon.
  case rateLimited(RegistryAnswer)
  /// A credential would go over plain http to another machine.
  case plainHTTP(host: String)
  /// A mirror on another machine was written with `http://`, which is not allowed.
  case insecureMirror(host: String)
  /// A redirection leads to plain http, to no URL, or on and on.
  case redirection(host: String)
  /// The token server's answer has no token in it.
  case token(host: String, reason: String)
  case credential(CredentialError)
  /// The answer breaks the protocol; in what.
  case malformed(host: String, reason: String)
  /// A document has more bytes than allowed.
  case tooLarge(what: String, limit: Int64)
  /// The content is not what its digest, or size, says.
  case wrongContent(expected: Digest, actual: Digest)
  case wrongSize(Digest, expected: Int64, actual: Int64)
  /// A manifest of this type cannot be taken.
  case unsupportedManifest(MediaType)
  /// A document is no JSON, or not the one that it should be; `name` is its digest or what it is for.
  case document(name: String, DocumentError)
  /// Not all of an image for several platforms is in the store; the first that is missing.
  case incomplete(Digest, platform: Platform?)
  case store(StoreError)
  case cancelled
}

/// An answer that is an error.
package struct RegistryAnswer: Hashable, Sendable {
  package var host: String
  package var status: Int
  /// The method and the path that were asked for, without a query.
  package var request: String
  /// What the registry says: its code and words.
  package var code = ""
  package var message = ""
  /// Seconds of `Retry-After`.
  package var retryAfter: Int64?
}

extension RegistryError {
  /// Whether the same request may do better a little later.
  var isTemporary: Bool {
    switch self {
    case .unreachable: true
    case .status(let answer): answer.status == 408 || answer.status >= 500 && answer.status != 501
    case .rateLimited: true
    default: false
    }
  }

  var answer: RegistryAnswer? {
    switch self {
    case .status(let answer), .notFound(let answer), .rateLimited(let answer), .unauthorized(let answer, _):
      answer
    default: nil
    }
  }

  /// The error of an answer that is none of success.
  init(_ response: HTTPResponse, body: [UInt8], request: HTTPRequest, hasCredential: Bool) {
    var answer = RegistryAnswer(
      host: request.url.authority, status: response.status,
      request: "\(request.method) \(request.url.target.prefix { $0 != "?" })")
    answer.retryAfter = response["Retry-After"].flatMap { Int64($0) }.map { max(0, $0) }
    // OCI distribution-spec, "Error Codes".
    if let document = try? JSONReader.read(body, limit: 1 << 16),
      case .array(let errors)? = document["errors"],
      let first = errors.first
    {
      if case .string(let code)? = first["code"] { answer.code = Self.printable(code) }
      if case .string(let message)? = first["message"] { answer.message = Self.printable(message) }
    } else if let document = try? JSONReader.read(body, limit: 1 << 16),
      case .string(let text)? = document["details"]
    {
      answer.message = Self.printable(text)
    }
    switch response.status {
    case 401: self = .unauthorized(answer, hasCredential: hasCredential)
    // Registries hide what may not be seen behind either.
    case 404: self = .notFound(answer)
    case 429: self = .rateLimited(answer)
    default: self = .status(answer)
    }
  }

  /// A text from outside, for a terminal: one line without control characters.
  private static func printable(_ text: String) -> String {
    String(
      text.unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : $0 }.map(
        Character.init)
    )
    .split(separator: " ").joined(separator: " ").prefix(300).description
  }

  init(_ error: TransportError, host: String) {
    switch error {
    case .noLibrary(let reason): self = .noLibrary(reason)
    case .failed(let code, let message):
      // CURLE_SSL_CERTPROBLEM, CURLE_PEER_FAILED_VERIFICATION (also 51), CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR.
      self =
        [51, 58, 60, 77, 83].contains(code)
        ? .certificate(host: host, message: message) : .unreachable(host: host, code: code, message: message)
    case .read(let code):
      self = .store(.system(SystemFailure(operation: "read", path: [], code: code)))
    case .refused: self = .malformed(host: host, reason: "the answer is longer than it may be")
    case .cancelled: self = .cancelled
    }
  }
}
