/// A URL of http or https, cut into what a client needs to know (RFC 3986).
package struct HTTPURL: Hashable, Sendable {
  package enum Scheme: String, Sendable { case http, https }

  package var scheme: Scheme
  /// In small letters; an IPv6 address stands in its brackets.
  package let host: String
  /// nil is the scheme's own.
  package let port: Int?
  /// Path and query, from the first slash on.
  package var target: String

  package init(scheme: Scheme, host: String, port: Int?, target: String) {
    self.scheme = scheme
    self.host = host.lowercased()
    self.port = port
    self.target = target
  }

  /// `host[:port]` as an image's name has it.
  package init?(scheme: Scheme, authority: String, target: String) {
    guard let (host, port) = Self.split(authority[...]) else { return nil }
    self.init(scheme: scheme, host: host, port: port, target: target)
  }

  /// Reads an absolute URL. A user and password in it are dropped, and so is a fragment.
  ///
  /// - Returns: nil for anything else, and for a URL with blanks or control characters.
  package init?(parsing text: String) {
    guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else { return nil }
    let scheme: Scheme
    var rest: Substring
    if let found = Self.dropping("https://", from: text) {
      (scheme, rest) = (.https, found)
    } else if let found = Self.dropping("http://", from: text) {
      (scheme, rest) = (.http, found)
    } else {
      return nil
    }
    rest = rest.prefix { $0 != "#" }
    var authority = rest.prefix { $0 != "/" && $0 != "?" }
    rest = rest.dropFirst(authority.count)
    if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
    guard let (host, port) = Self.split(authority) else { return nil }
    let target = rest.first == "/" ? String(rest) : "/" + rest
    self.init(scheme: scheme, host: host, port: port, target: target)
  }

  private static func dropping(_ prefix: String, from text: String) -> Substring? {
    text.prefix(prefix.count).lowercased() == prefix ? text.dropFirst(prefix.count) : nil
  }

  private static func split(_ authority: Substring) -> (host: String, port: Int?)? {
    var host = authority
    var port: Int?
    if let colon = authority.lastIndex(of: ":"), authority.last != "]" {
      guard let number = UInt16(authority[authority.index(after: colon)...]) else { return nil }
      port = Int(number)
      host = authority[..<colon]
    }
    return host.isEmpty ? nil : (String(host), port)
  }

  /// Where a `Location` leads that came with the answer to this URL; nil if that is no URL.
  package func resolving(_ location: String) -> HTTPURL? {
    if location.hasPrefix("//") { return HTTPURL(parsing: scheme.rawValue + ":" + location) }
    if location.prefix(while: { $0.isLetter }).count > 0, location.contains("://"),
      !location.prefix(while: { $0 != ":" }).contains("/")
    {
      return HTTPURL(parsing: location)
    }
    guard !location.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else { return nil }
    var result = self
    let plain = String(location.prefix { $0 != "#" })
    let path = String(target.prefix { $0 != "?" })
    if plain.isEmpty {
      return self
    } else if plain.first == "/" {
      result.target = plain
    } else if plain.first == "?" {
      result.target = path + plain
    } else {
      result.target = path[...(path.lastIndex(of: "/") ?? path.startIndex)] + plain
    }
    return result
  }

  /// The same with one more pair in its query.
  package func adding(_ name: String, _ value: String) -> HTTPURL {
    var result = self
    result.target +=
      (target.contains("?") ? "&" : "?") + Self.encoded(name) + "=" + Self.encoded(value)
    return result
  }

  /// A text in which only unreserved characters stand for themselves.
  package static func encoded(_ text: String) -> String {
    var result: [UInt8] = []
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: result.append(byte)
      default: result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// `host`, or `host:port`: for messages, and for the names of folders with certificates.
  package var authority: String { host + (port.map { ":\($0)" } ?? "") }

  private var effectivePort: Int { port ?? (scheme == .https ? 443 : 80) }

  /// Whether both are of one server: scheme, host and port.
  package func isSameOrigin(as other: HTTPURL) -> Bool {
    scheme == other.scheme && host == other.host && effectivePort == other.effectivePort
  }

  /// Whether what is sent stays on this machine.
  package var isLoopback: Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// Whether a secret may be sent there.
  package var isConfidential: Bool { scheme == .https || isLoopback }
}

extension HTTPURL: CustomStringConvertible {
  /// The whole URL; a query may hold a signature, so this is not for messages.
  package var description: String { "\(scheme.rawValue)://\(authority)\(target)" }
}
