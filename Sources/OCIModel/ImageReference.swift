/// The name of an image as docker reads it: `[domain[:port]/]path[:tag][@digest]`
/// (distribution/reference, grammar in reference.go).
///
/// A name without a domain is docker.io's, one without a folder there is in `library`, and one
/// with neither tag nor digest means the tag `latest`.
package struct ImageReference: Hashable, Sendable {
  package let domain: String
  package let path: String
  package let tag: String?
  package let digest: Digest?

  private static let defaultDomain = "docker.io"
  private static let defaultTag = "latest"

  package init(parsing text: String) throws(ImageReferenceError) {
    guard !text.isEmpty else { throw .empty }
    guard !Self.isHexadecimalID(text) else { throw .looksLikeID(text) }
    var rest = text[...]

    if let at = rest.firstIndex(of: "@") {
      do throws(DigestError) {
        digest = try Digest(parsing: String(rest[rest.index(after: at)...]))
      } catch {
        throw .invalidDigest(error)
      }
      rest = rest[..<at]
    } else {
      digest = nil
    }

    let lastSlash = rest.lastIndex(of: "/")
    if let colon = rest.lastIndex(of: ":"), lastSlash.map({ colon > $0 }) ?? true {
      let tag = String(rest[rest.index(after: colon)...])
      guard Self.isTag(tag) else { throw .invalidTag(tag) }
      self.tag = tag
      rest = rest[..<colon]
    } else {
      tag = digest == nil ? Self.defaultTag : nil
    }
    (domain, path) = try Self.splitName(rest)
    let length = domain.utf8.count + 1 + path.utf8.count
    guard length <= 255 else { throw .nameTooLong(length) }
  }

  private init(domain: String, path: String, tag: String?, digest: Digest?) {
    self.domain = domain
    self.path = path
    self.tag = tag
    self.digest = digest
  }

  /// Domain and path: `docker.io/library/alpine`.
  package var name: String { "\(domain)/\(path)" }

  /// Everything: `docker.io/library/alpine:latest`.
  package var fullName: String { name + suffix }

  /// As short as it can be said: `alpine:latest`.
  package var familiarName: String { familiarRepository + suffix }

  /// The familiar form without tag and digest: `alpine`.
  package var familiarRepository: String {
    guard domain == Self.defaultDomain else { return name }
    let library = "library/"
    guard path.hasPrefix(library), !path.dropFirst(library.count).contains("/") else { return path }
    return String(path.dropFirst(library.count))
  }

  /// The same image by its tag only; with `latest` if it had none.
  package var tagged: ImageReference {
    ImageReference(domain: domain, path: path, tag: tag ?? Self.defaultTag, digest: nil)
  }

  /// The same repository at this digest, without tag.
  package func at(_ digest: Digest) -> ImageReference {
    ImageReference(domain: domain, path: path, tag: nil, digest: digest)
  }

  private var suffix: String {
    (tag.map { ":" + $0 } ?? "") + (digest.map { "@\($0)" } ?? "")
  }

  // MARK: Grammar

  /// The first component is a domain if it looks like one: a dot, a colon, an upper-case letter or
  /// the word `localhost`.
  private static func splitName(_ name: Substring) throws(ImageReferenceError) -> (String, String) {
    guard !name.isEmpty else { throw .emptyName }
    var domain = defaultDomain
    var path = name
    if let slash = name.firstIndex(of: "/") {
      let first = name[..<slash]
      if first.contains(where: { $0 == "." || $0 == ":" || $0.isUppercase }) || first == "localhost" {
        domain = String(first)
        path = name[name.index(after: slash)...]
      }
    }
    guard isDomain(domain[...]) else { throw .invalidDomain(domain) }
    if domain == "index.docker.io" { domain = defaultDomain }
    guard !path.isEmpty else { throw .emptyName }
    for component in path.split(separator: "/", omittingEmptySubsequences: false) {
      guard isPathComponent(component) else {
        if component.contains(where: \.isUppercase), isPathComponent(component.lowercased()[...]) {
          throw .upperCase(String(component))
        }
        throw .invalidPathComponent(String(component))
      }
    }
    if domain == defaultDomain && !path.contains("/") { return (domain, "library/" + path) }
    return (domain, String(path))
  }

  /// `host[:port]`: labels of letters, digits and inner hyphens, or an IPv6 address in brackets.
  private static func isDomain(_ text: Substring) -> Bool {
    var host = text
    if let colon = text.lastIndex(of: ":"), text.last != "]" {
      let port = text[text.index(after: colon)...]
      guard !port.isEmpty, port.utf8.allSatisfy(isDigit) else { return false }
      host = text[..<colon]
    }
    if host.first == "[", host.last == "]", host.count > 2 {
      return host.dropFirst().dropLast().utf8.allSatisfy { isHexadecimal($0) || $0 == UInt8(ascii: ":") }
    }
    return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      guard let first = label.utf8.first, let last = label.utf8.last else { return false }
      return isLetterOrDigit(first) && isLetterOrDigit(last)
        && label.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
    }
  }

  /// Lower-case letters and digits, with `.`, `_`, `__` or hyphens between them.
  private static func isPathComponent(_ text: Substring) -> Bool {
    var separator: [UInt8] = []
    var hasStarted = false
    for byte in text.utf8 {
      if isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) {
        if !separator.isEmpty {
          let isOne = separator.count == 1 || separator == Array("__".utf8)
          guard hasStarted, isOne || separator.allSatisfy({ $0 == UInt8(ascii: "-") }) else { return false }
          separator = []
        }
        hasStarted = true
      } else if "._-".utf8.contains(byte) {
        separator.append(byte)
      } else {
        return false
      }
    }
    return hasStarted && separator.isEmpty
  }

  /// A word character, then up to 127 word characters, dots and hyphens.
  private static func isTag(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
    func isWord(_ byte: UInt8) -> Bool { isLetterOrDigit(byte) || byte == UInt8(ascii: "_") }
    return isWord(first)
      && text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
  }

  /// 64 hexadecimal digits: docker keeps them for the ids of images.
  private static func isHexadecimalID(_ text: String) -> Bool {
    text.utf8.count == 64
      && text.utf8.allSatisfy { isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}

extension ImageReference: CustomStringConvertible {
  /// The full name.
  package var description: String { fullName }
}

/// What is wrong with which part of a name.
package enum ImageReferenceError: Error, Hashable, Sendable {
  case empty
  /// Tag or digest without a name before it, or a domain without a path.
  case emptyName
  case invalidDomain(String)
  /// A component of the path that would be right in lower case.
  case upperCase(String)
  /// A component of the path that is empty or breaks the rules for separators and characters.
  case invalidPathComponent(String)
  /// Empty, longer than 128 characters, or with a character that a tag cannot hold.
  case invalidTag(String)
  case invalidDigest(DigestError)
  /// Domain and path together are longer than 255 bytes; the length.
  case nameTooLong(Int)
  /// 64 hexadecimal digits name an image by its id, not by its name.
  case looksLikeID(String)
}
