import DockerfileSyntax
import SourceText

/// What a word looks like, told from its letters alone.
enum ArgumentShape: Hashable {
  /// A port number or range of them, with a protocol or a host part perhaps: `8080`, `7000-7010/udp`, `80:8080`.
  case port(hasProtocol: Bool)
  /// Certainly a path: it starts with `/`, `./`, `../` or `~/`, or is `.` or `..`.
  case path
  /// Perhaps a path: there is a slash in it.
  case pathLike
  /// Perhaps the name of a file: it has an extension.
  case fileName
  /// `NAME=value`
  case assignment
  /// A name of letters, digits, `-`, `_`, with a second one behind a colon perhaps.
  case name
  /// Digits with punctuation: a number out of range, an address, a version, a port with a protocol that does not exist.
  case numeric
  /// Anything, once variables, quotes and escapes are resolved.
  case opaque
  /// Nothing of the above.
  case other

  init(_ word: Word) { self.init(word.bytes) }

  init(_ bytes: [UInt8]) {
    let isSlashed = bytes.contains(0x2F)
    if bytes.contains(where: { $0 == 0x24 || $0 == 0x22 || $0 == 0x27 || $0 == 0x5C || $0 == 0x60 }) {
      self = .opaque
    } else if let hasProtocol = Self.portProtocol(bytes) {
      self = .port(hasProtocol: hasProtocol)
    } else if Self.isPath(bytes) {
      self = .path
    } else if let equals = bytes.firstIndex(of: 0x3D), equals > 0, Self.isName(bytes[..<equals]),
      !bytes[..<equals].contains(0x2D)
    {
      self = .assignment
    } else if Self.isNumeric(bytes) || bytes.first == 0x5B {
      self = .numeric
    } else if isSlashed {
      self = bytes.contains(0x3A) || bytes[0].isASCIIDigit ? .other : .pathLike
    } else if let dot = bytes.lastIndex(of: 0x2E), dot > 0, Self.isExtension(bytes[(dot + 1)...]) {
      self = .fileName
    } else {
      let parts = bytes.split(separator: 0x3A, omittingEmptySubsequences: false)
      self = parts.count <= 2 && parts.allSatisfy(Self.isName) ? .name : .other
    }
  }

  /// Whether the word is a port.
  var isPort: Bool { if case .port = self { true } else { false } }

  /// Whether the word is a path, or has a slash in it like one.
  var isFolder: Bool { self == .path || self == .pathLike }

  /// Whether the word is, or may be, a path.
  var isAnyPath: Bool { isFolder || self == .fileName }

  private static func isNumeric(_ bytes: [UInt8]) -> Bool {
    // Most words start with a letter or a dot, and need not be taken apart.
    if let first = bytes.first, first > 0x3A { return false }
    let halves = bytes.split(separator: 0x2F, maxSplits: 1, omittingEmptySubsequences: false)
    // Behind a number even a misspelt protocol is one.
    return (halves.count == 1 || (halves[1].count <= 4 && halves[1].allSatisfy(\.isASCIILetter)))
      && halves[0].allSatisfy { $0.isASCIIDigit || [0x2D, 0x2E, 0x3A].contains($0) }
  }

  private static func isProtocol(_ bytes: ArraySlice<UInt8>) -> Bool {
    ["tcp", "udp", "sctp"].contains { bytes.equalsIgnoringCase($0) }
  }

  /// Whether a word is a port, and if so, whether a protocol stands behind it.
  private static func portProtocol(_ bytes: [UInt8]) -> Bool? {
    guard let first = bytes.first, first.isASCIIDigit else { return nil }
    let halves = bytes.split(separator: 0x2F, maxSplits: 1, omittingEmptySubsequences: false)
    guard let ports = halves.first else { return nil }
    if halves.count == 2, !isProtocol(halves[1]) { return nil }
    let parts = ports.split(separator: 0x3A, omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy(isPortRange) else { return nil }
    return halves.count == 2
  }

  /// `n` or `n-m`, each from 1 to 65535 and the second not below the first.
  private static func isPortRange(_ bytes: ArraySlice<UInt8>) -> Bool {
    let ends = bytes.split(separator: 0x2D, maxSplits: 1, omittingEmptySubsequences: false).map(portNumber)
    guard let first = ends[0], let last = ends[ends.count - 1] else { return false }
    return first <= last
  }

  /// Whether the word is one number of a port and nothing more.
  static func isPortNumber(_ bytes: [UInt8]) -> Bool { portNumber(bytes[...]) != nil }

  private static func portNumber(_ digits: ArraySlice<UInt8>) -> Int? {
    guard !digits.isEmpty, digits.count <= 5, digits.allSatisfy(\.isASCIIDigit) else { return nil }
    let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    return number >= 1 && number <= 65535 ? number : nil
  }

  private static func isPath(_ bytes: [UInt8]) -> Bool {
    if bytes.first == 0x2F { return true }
    if bytes.first == 0x7E { return bytes.count == 1 || bytes[1] == 0x2F }
    let head = bytes.prefix { $0 == 0x2E }.count
    return (head == 1 || head == 2) && (bytes.count == head || bytes[head] == 0x2F)
  }

  private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let first = bytes.first, first.isASCIILetter || first == 0x5F else { return false }
    return bytes.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2D || $0 == 0x5F }
  }

  /// Letters and digits, starting with a letter, as behind the last dot of a file's name.
  private static func isExtension(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let first = bytes.first, bytes.count <= 8, first.isASCIILetter else { return false }
    return bytes.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit }
  }
}
