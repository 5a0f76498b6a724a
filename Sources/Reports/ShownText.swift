import SourceText

extension Collection<UInt8> {
  /// The bytes as one line of printable text: control characters, quotes and what is not UTF-8 escaped, and everything
  /// past a number of characters replaced by `…`.
  ///
  /// - Parameter escapesQuotes: whether double quotes and backslashes are escaped too, for text between quotes.
  func shown(in limit: Int, escapesQuotes: Bool = true) -> String {
    // A character takes at most four bytes; what lies behind can only be cut.
    let bytes = Array(prefix(limit * 4 + 4))
    var result = ""
    var index = 0
    var characters = 0
    while index < bytes.count {
      guard characters < limit else { return result + "…" }
      characters += 1
      let (value, width) = bytes.span.scalar(at: index, before: bytes.count)
      index += width
      switch value {
      case 0x0A: result += "\\n"
      case 0x0D: result += "\\r"
      case 0x09: result += "\\t"
      case 0x22 where escapesQuotes: result += "\\\""
      case 0x5C where escapesQuotes: result += "\\\\"
      case 0..<0x20, 0x7F: result += hexadecimal(bytes[index - 1])
      case 0xFFFD where width == 1: result += hexadecimal(bytes[index - 1])
      default:
        guard let scalar = Unicode.Scalar(value), scalar.isShown else {
          result += "\\u{\(String(value, radix: 16))}"
          continue
        }
        result.unicodeScalars.append(scalar)
      }
    }
    return bytes.count < count ? result + "…" : result
  }

  private func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return "\\x" + (digits.utf8.count < 2 ? "0" : "") + digits
  }
}

extension String {
  func shown(in limit: Int) -> String { utf8.shown(in: limit) }
}

extension Unicode.Scalar {
  /// Whether a terminal shows the character and nothing else happens: no control, no change of direction.
  fileprivate var isShown: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }
}
