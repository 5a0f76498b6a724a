/// Whether UTF-8 stands in a JSON string as it is: nothing in it has to be escaped (RFC 8259 section 7).
///
/// - Parameter onlyASCII: whether bytes from 0x80 count as what has to be looked at, because they may not be UTF-8.
package func isPlainJSON(_ bytes: UnsafeBufferPointer<UInt8>, onlyASCII: Bool = false) -> Bool {
  unsafe StringEscaper(goRules: false).isAllPlain(bytes) && (!onlyASCII || bytes.allSatisfy { $0 < 0x80 })
}

/// The inside of a JSON string: escapes what must be escaped, mends what is not UTF-8.
struct StringEscaper {
  /// Follow Go's `encoding/json`; see `JSONWriter.Escaping.go`.
  let goRules: Bool

  /// Swift strings are valid UTF-8, so the common one, without anything to escape, is copied whole.
  func append(_ text: String, to output: inout [UInt8]) {
    var text = text
    let isCopied = text.withUTF8 { bytes in
      guard unsafe isAllPlain(bytes) else { return false }
      unsafe output.append(contentsOf: bytes)
      return true
    }
    if !isCopied { append(Array(text.utf8)[...], to: &output) }
  }

  /// Whether all bytes of valid UTF-8 stand for themselves.
  fileprivate func isAllPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var index = 0
    // Eight at a time.
    while !goRules, index + 8 <= bytes.count {
      let word = unsafe UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: index, as: UInt64.self)
      let control = Self.bytes(below: 0x20, in: word)
      let quote = Self.bytes(below: 1, in: word ^ 0x2222_2222_2222_2222)
      let backslash = Self.bytes(below: 1, in: word ^ 0x5C5C_5C5C_5C5C_5C5C)
      guard (control | quote | backslash) == 0 else { return false }
      index += 8
    }
    while index < bytes.count {
      guard unsafe isPlain(bytes[index]) else { return false }
      index += 1
    }
    return true
  }

  /// Not zero when one of the eight bytes of a word is below a limit of at most 0x80; the usual trick with borrows.
  private static func bytes(below limit: UInt64, in word: UInt64) -> UInt64 {
    (word &- 0x0101_0101_0101_0101 &* limit) & ~word & 0x8080_8080_8080_8080
  }

  func append(_ text: ArraySlice<UInt8>, to output: inout [UInt8]) {
    var copied = text.startIndex
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      if isPlain(byte) && byte < 0x80 {
        index += 1
        continue
      }
      if byte >= 0x80 {
        let (length, isValid) = Self.sequence(in: text, at: index)
        let isSeparator =
          goRules && isValid && length == 3 && byte == 0xE2
          && text[index + 1] == 0x80 && text[index + 2] & 0xFE == 0xA8
        if isValid && !isSeparator {
          index += length
          continue
        }
        output.append(contentsOf: text[copied..<index])
        if isSeparator {
          output.append(contentsOf: (text[index + 2] == 0xA8 ? "\\u2028" : "\\u2029").utf8)
          index += length
        } else if goRules {
          output.append(contentsOf: "\\ufffd".utf8)
          index += 1
        } else {
          output.append(contentsOf: [0xEF, 0xBF, 0xBD])
          index += length
        }
        copied = index
        continue
      }
      output.append(contentsOf: text[copied..<index])
      Self.escape(byte, to: &output)
      index += 1
      copied = index
    }
    output.append(contentsOf: text[copied..<index])
  }

  /// Whether a byte of valid UTF-8 stands for itself. U+2028 and U+2029 begin with E2, so with
  /// Go's rules such a string takes the slow path.
  private func isPlain(_ byte: UInt8) -> Bool {
    guard byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else { return false }
    guard goRules else { return true }
    return byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">") && byte != UInt8(ascii: "&")
      && byte != 0xE2
  }

  private static func escape(_ byte: UInt8, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
    case 0x08: output.append(UInt8(ascii: "b"))
    case 0x09: output.append(UInt8(ascii: "t"))
    case 0x0A: output.append(UInt8(ascii: "n"))
    case 0x0C: output.append(UInt8(ascii: "f"))
    case 0x0D: output.append(UInt8(ascii: "r"))
    default:
      output.append(contentsOf: "u00".utf8)
      output.append(hexDigit(byte >> 4))
      output.append(hexDigit(byte & 0xF))
    }
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  /// The UTF-8 sequence that starts with the non-ASCII byte at `index` (Unicode table 3-7): its
  /// length, or the length of the ill-formed part that one U+FFFD replaces.
  private static func sequence(in text: ArraySlice<UInt8>, at index: Int) -> (length: Int, isValid: Bool) {
    let lead = text[index]
    let continuations: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0xC2...0xDF: continuations = 1
    case 0xE0: (continuations, second) = (2, 0xA0...0xBF)
    case 0xED: (continuations, second) = (2, 0x80...0x9F)
    case 0xE1...0xEF: continuations = 2
    case 0xF0: (continuations, second) = (3, 0x90...0xBF)
    case 0xF4: (continuations, second) = (3, 0x80...0x8F)
    case 0xF1...0xF3: continuations = 3
    default: return (1, false)
    }
    for offset in 1...continuations {
      let position = index + offset
      guard position < text.endIndex else { return (offset, false) }
      let allowed = offset == 1 ? second : 0x80...0xBF
      guard allowed.contains(text[position]) else { return (offset, false) }
    }
    return (1 + continuations, true)
  }
}
