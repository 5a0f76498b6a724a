import SourceText

/// What is wrong with the name of an image, by the grammar of `distribution/reference`:
/// `[domain[:port]/]path[:tag][@digest]`.
enum ImageNameProblem: Hashable {
  case empty
  /// 64 hexadecimal digits are the id of an image, not its name.
  case looksLikeID
  case invalidDigest(String)
  case invalidTag(String)
  case invalidDomain(String)
  /// The path is missing, or a part of it is empty.
  case emptyPart
  /// A part of the path that would be right in small letters.
  case capitals(String)
  case invalidPart(String)
  case tooLong

  /// nil for the name of an image.
  init?(_ name: [UInt8]) {
    guard let problem = Self.problem(name) else { return nil }
    self = problem
  }

  /// What is wrong, to stand behind a colon.
  var clause: String {
    switch self {
    case .empty: "there is no name"
    case .looksLikeID: "64 hexadecimal digits are the id of an image, which is no name"
    case .invalidDigest(let text): "`\(text)` is no digest, like `sha256:` and 64 hexadecimal digits"
    case .invalidTag(let text):
      text.isEmpty
        ? "there is no tag behind the colon"
        : "`\(text)` is no tag: letters, digits, `_`, `.` and `-`, 128 at most"
    case .invalidDomain(let text): "`\(text)` is no name of a registry"
    case .emptyPart: "a part of the name is empty"
    case .capitals(let text): "`\(text)` has capitals, which the name of an image must not have"
    case .invalidPart(let text):
      "`\(text)` has characters in it, or a separator at its ends, that the name of an image must not have"
    case .tooLong: "a name has 255 bytes at most"
    }
  }

  private static func problem(_ name: [UInt8]) -> ImageNameProblem? {
    if name.isEmpty { return .empty }
    if name.count == 64, name.allSatisfy({ $0.isASCIIDigit || (0x61...0x66).contains($0) }) {
      return .looksLikeID
    }
    var rest = name[...]
    if let at = rest.firstIndex(of: 0x40) {
      let digest = rest[(at + 1)...]
      if !isDigest(digest) { return .invalidDigest(shown(digest)) }
      rest = rest[..<at]
    }
    let slash = rest.lastIndex(of: 0x2F)
    if let colon = rest.lastIndex(of: 0x3A), slash.map({ colon > $0 }) ?? true {
      let tag = rest[(colon + 1)...]
      if !isTag(tag) { return .invalidTag(shown(tag)) }
      rest = rest[..<colon]
    }
    var length = rest.count
    if let slash = rest.firstIndex(of: 0x2F) {
      let first = rest[..<slash]
      let isDomain =
        first.contains { $0 == 0x2E || $0 == 0x3A || (0x41...0x5A).contains($0) }
        || first.elementsEqual("localhost".utf8)
      if isDomain {
        if !self.isDomain(first) { return .invalidDomain(shown(first)) }
        rest = rest[(slash + 1)...]
      }
    } else {
      length += "docker.io/library/".utf8.count
    }
    for part in rest.split(separator: 0x2F, omittingEmptySubsequences: false) {
      if part.isEmpty { return .emptyPart }
      if isPart(part) { continue }
      return isPart(part.map(\.asciiLowercased)[...]) ? .capitals(shown(part)) : .invalidPart(shown(part))
    }
    return length > 255 ? .tooLong : nil
  }

  private static func shown(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.prefix(60), as: UTF8.self)
  }

  /// `algorithm:hex`; of the algorithms that are known, with as many digits as it has.
  static func isDigest(_ text: ArraySlice<UInt8>) -> Bool {
    guard let colon = text.firstIndex(of: 0x3A) else { return false }
    let digits = text[(colon + 1)...]
    let counts = ["sha256": 64, "sha384": 96, "sha512": 128]
    guard let count = counts[String(decoding: text[..<colon], as: UTF8.self)] else { return false }
    return digits.count == count && digits.allSatisfy { $0.isASCIIDigit || (0x61...0x66).contains($0) }
  }

  private static func isTag(_ text: ArraySlice<UInt8>) -> Bool {
    guard let first = text.first, text.count <= 128 else { return false }
    return first != 0x2E && first != 0x2D
      && text.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x5F || $0 == 0x2E || $0 == 0x2D }
  }

  /// Labels of letters, digits and inner hyphens with dots between, or an IPv6 address in brackets; a port.
  private static func isDomain(_ text: ArraySlice<UInt8>) -> Bool {
    var host = text
    if text.last != 0x5D, let colon = text.lastIndex(of: 0x3A) {
      let port = text[(colon + 1)...]
      guard !port.isEmpty, port.allSatisfy(\.isASCIIDigit) else { return false }
      host = text[..<colon]
    }
    if host.count > 2, host.first == 0x5B, host.last == 0x5D {
      return host.dropFirst().dropLast().allSatisfy {
        $0 == 0x3A || $0.isASCIIDigit || (0x61...0x66).contains($0.asciiLowercased)
      }
    }
    return host.split(separator: 0x2E, omittingEmptySubsequences: false).allSatisfy { label in
      guard let first = label.first, let last = label.last, first != 0x2D, last != 0x2D else { return false }
      return label.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2D }
    }
  }

  /// Small letters and digits, with `.`, `_`, `__` or hyphens between them.
  private static func isPart(_ text: ArraySlice<UInt8>) -> Bool {
    var separator: [UInt8] = []
    var hasStarted = false
    for byte in text {
      if byte.isASCIIDigit || (0x61...0x7A).contains(byte) {
        if !separator.isEmpty {
          let isOne =
            separator.count == 1 || separator == [0x5F, 0x5F] || separator.allSatisfy { $0 == 0x2D }
          guard hasStarted, isOne else { return false }
          separator = []
        }
        hasStarted = true
      } else if byte == 0x2E || byte == 0x5F || byte == 0x2D {
        separator.append(byte)
      } else {
        return false
      }
    }
    return hasStarted && separator.isEmpty
  }
}
