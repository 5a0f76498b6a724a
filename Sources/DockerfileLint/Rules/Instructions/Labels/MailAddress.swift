import SourceText

/// Mail addresses: `addr-spec` of RFC 5322, section 3.4.1, with comments and blanks between the parts. Names of domains
/// are those of RFC 1035, and may end with a dot.
enum MailAddress {
  static func isValid(_ text: [UInt8]) -> Bool {
    var reader = Reader(rest: text[...])
    guard let local = reader.localPart(), local <= 64, reader.skip(0x40), let domain = reader.domain(),
      domain <= 253
    else { return false }
    return reader.rest.isEmpty
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func skip(_ byte: UInt8) -> Bool {
      guard rest.first == byte else { return false }
      rest.removeFirst()
      return true
    }

    /// The length of what stands before the `@`, without comments.
    mutating func localPart() -> Int? {
      var length = 0
      repeat {
        guard skipComments() else { return nil }
        let start = rest.count
        if rest.first == 0x22 {
          guard skipQuoted() else { return nil }
        } else {
          rest = rest.drop(while: MailAddress.isAtomByte)
        }
        guard rest.count < start else { return nil }
        length += start - rest.count
        guard skipComments() else { return nil }
        if rest.first == 0x2E { length += 1 }
      } while skip(0x2E)
      return length
    }

    /// The length of the domain, without comments.
    mutating func domain() -> Int? {
      guard skipComments() else { return nil }
      if rest.first == 0x5B {
        guard let end = rest.firstIndex(of: 0x5D),
          rest[..<end].dropFirst().allSatisfy({ MailAddress.isTextByte($0) && $0 != 0x5B && $0 != 0x5C })
        else { return nil }
        let length = end + 1 - rest.startIndex
        rest = rest[(end + 1)...]
        return skipComments() ? length : nil
      }
      var length = 0
      while true {
        let label = rest.prefix { $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2D }
        if label.isEmpty { return length > 0 && rest.isEmpty ? length : nil }
        guard label.count <= 63, label.first != 0x2D, label.last != 0x2D else { return nil }
        rest = rest.dropFirst(label.count)
        length += label.count
        guard skipComments() else { return nil }
        guard skip(0x2E) else { return length }
        length += 1
        guard skipComments() else { return nil }
      }
    }

    private mutating func skipQuoted() -> Bool {
      rest.removeFirst()
      while let byte = rest.popFirst() {
        if byte == 0x22 { return true }
        if byte == 0x5C {
          guard let escaped = rest.popFirst(), escaped < 0x80 else { return false }
        } else if !MailAddress.isTextByte(byte) {
          return false
        }
      }
      return false
    }

    /// Blanks and comments, which may be nested.
    private mutating func skipComments() -> Bool {
      var depth = 0
      while let byte = rest.first {
        switch byte {
        case 0x28: depth += 1
        case 0x29 where depth > 0: depth -= 1
        case 0x5C where depth > 0:
          rest.removeFirst()
          guard let escaped = rest.first, escaped < 0x80 else { return false }
        case 0x20, 0x09: break
        default:
          if depth == 0 { return true }
          guard MailAddress.isTextByte(byte) else { return false }
        }
        rest.removeFirst()
      }
      return depth == 0
    }
  }

  private static func isAtomByte(_ byte: UInt8) -> Bool {
    byte.isASCIILetter || byte.isASCIIDigit || "!#$%&'*+/=?^_`{|}~-".utf8.contains(byte)
  }

  /// Printable, a blank, or a control character that old mail may have.
  private static func isTextByte(_ byte: UInt8) -> Bool {
    byte > 0 && byte < 0x80 && byte != 0x0A && byte != 0x0D
  }
}
