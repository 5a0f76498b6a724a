import SourceText

/// Absolute URIs, with or without a fragment: RFC 3986, section 3.
enum AbsoluteURI {
  static func isValid(_ text: [UInt8]) -> Bool {
    guard let colon = text.firstIndex(of: 0x3A), isScheme(text[..<colon]) else { return false }
    var rest = text[(colon + 1)...]
    // What follows `#` and `?` may have these characters in it, too; the first of each divides.
    if let hash = rest.firstIndex(of: 0x23) {
      guard isMadeOf(rest[(hash + 1)...], isQueryByte) else { return false }
      rest = rest[..<hash]
    }
    if let mark = rest.firstIndex(of: 0x3F) {
      guard isMadeOf(rest[(mark + 1)...], isQueryByte) else { return false }
      rest = rest[..<mark]
    }
    if rest.starts(with: [0x2F, 0x2F]) {
      rest = rest.dropFirst(2)
      let authority = rest.prefix { $0 != 0x2F }
      guard isAuthority(authority) else { return false }
      rest = rest.dropFirst(authority.count)
    }
    return isMadeOf(rest) { isPathByte($0) || $0 == 0x2F }
  }

  private static func isScheme(_ text: ArraySlice<UInt8>) -> Bool {
    guard let first = text.first, first.isASCIILetter else { return false }
    return text.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E }
  }

  private static func isAuthority(_ text: ArraySlice<UInt8>) -> Bool {
    var host = text
    if let at = text.firstIndex(of: 0x40) {
      guard isMadeOf(text[..<at], { isNameByte($0) || $0 == 0x3A }) else { return false }
      host = text[(at + 1)...]
    }
    let end =
      host.first == 0x5B
      ? host.firstIndex(of: 0x5D).map { $0 + 1 } : host.firstIndex(of: 0x3A) ?? host.endIndex
    guard let end else { return false }
    let port = host[end...]
    guard port.isEmpty || (port.first == 0x3A && port.dropFirst().allSatisfy(\.isASCIIDigit)) else {
      return false
    }
    let name = host[..<end]
    return name.first == 0x5B ? isLiteral(name.dropFirst().dropLast()) : isMadeOf(name, isNameByte)
  }

  /// What may stand in brackets: an address of IP version 6, with a zone or without, or of a version to come.
  private static func isLiteral(_ text: ArraySlice<UInt8>) -> Bool {
    if text.first == 0x76 || text.first == 0x56 {
      let rest = text.dropFirst()
      guard let digit = rest.first, isHexDigit(digit), rest.dropFirst().first == 0x2E else { return false }
      let name = rest.dropFirst(2)
      return !name.isEmpty && name.allSatisfy { ($0 != 0x25 && isNameByte($0)) || $0 == 0x3A }
    }
    guard let percent = text.firstIndex(of: 0x25) else { return isIPv6(text) }
    let zone = text[percent...]
    return zone.starts(with: "%25".utf8) && zone.count > 3 && isMadeOf(zone.dropFirst(3), isUnreserved)
      && isIPv6(text[..<percent])
  }

  private static func isIPv6(_ text: ArraySlice<UInt8>) -> Bool {
    var groups = 0
    var hasGap = false
    var rest = text
    if rest.starts(with: [0x3A, 0x3A]) {
      hasGap = true
      rest = rest.dropFirst(2)
    }
    while !rest.isEmpty {
      let group = rest.prefix { $0 != 0x3A }
      if group.contains(0x2E) {
        guard isIPv4(group), group.count == rest.count else { return false }
        groups += 2
        break
      }
      guard !group.isEmpty, group.count <= 4, group.allSatisfy(isHexDigit) else { return false }
      groups += 1
      rest = rest.dropFirst(group.count)
      guard !rest.isEmpty else { break }
      rest = rest.dropFirst()
      if rest.first == 0x3A {
        guard !hasGap else { return false }
        hasGap = true
        rest = rest.dropFirst()
      } else if rest.isEmpty {
        return false
      }
    }
    return hasGap ? groups <= 7 : groups == 8
  }

  private static func isIPv4(_ text: ArraySlice<UInt8>) -> Bool {
    let parts = text.split(separator: 0x2E, omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        (1...3).contains(part.count) && part.allSatisfy(\.isASCIIDigit)
          && part.reduce(0) { $0 * 10 + Int($1 - 0x30) } <= 255
      }
  }

  /// Whether a text has only such bytes, and each `%` is followed by two hexadecimal digits.
  private static func isMadeOf(_ text: ArraySlice<UInt8>, _ isAllowed: (UInt8) -> Bool) -> Bool {
    var index = text.startIndex
    while index < text.endIndex {
      if text[index] == 0x25 {
        guard index + 2 < text.endIndex, isHexDigit(text[index + 1]), isHexDigit(text[index + 2]) else {
          return false
        }
        index += 3
      } else {
        guard isAllowed(text[index]) else { return false }
        index += 1
      }
    }
    return true
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    byte.isASCIIDigit || (byte.asciiLowercased >= 0x61 && byte.asciiLowercased <= 0x66)
  }
  private static func isUnreserved(_ byte: UInt8) -> Bool {
    byte.isASCIILetter || byte.isASCIIDigit || "-._~".utf8.contains(byte)
  }
  private static func isNameByte(_ byte: UInt8) -> Bool {
    isUnreserved(byte) || "!$&'()*+,;=".utf8.contains(byte)
  }
  private static func isPathByte(_ byte: UInt8) -> Bool { isNameByte(byte) || byte == 0x3A || byte == 0x40 }
  private static func isQueryByte(_ byte: UInt8) -> Bool { isPathByte(byte) || byte == 0x2F || byte == 0x3F }
}
