import Diagnostics

/// Colours for a terminal; plain text without them.
package struct TerminalStyle: Sendable {
  /// Whether colours are used.
  package let isColoured: Bool

  package init(isColoured: Bool) {
    self.isColoured = isColoured
  }

  /// Text in bold.
  func bold(_ text: String) -> String { wrapped(text, "1") }
  /// Text that is less important.
  func dim(_ text: String) -> String { wrapped(text, "2") }
  /// Text that is good news.
  func good(_ text: String) -> String { wrapped(text, "32") }
  /// Text that goes away.
  func bad(_ text: String) -> String { wrapped(text, "31") }
  /// A place in a text.
  func place(_ text: String) -> String { wrapped(text, "36") }

  /// Text in the colour of a severity.
  func text(_ text: String, _ severity: Severity) -> String {
    switch severity {
    case .error: wrapped(text, "1;31")
    case .warning: wrapped(text, "1;33")
    case .info: wrapped(text, "32")
    case .style: wrapped(text, "36")
    }
  }

  private func wrapped(_ text: String, _ code: String) -> String {
    isColoured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

/// Text from files made fit for a terminal.
///
/// Control characters and those that change the direction of writing are shown by their number, so that a file can
/// neither steer the terminal nor look other than it is.
enum TerminalText {
  /// The text with each unfit character replaced, and tabs as four spaces.
  static func safe(_ text: some StringProtocol) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return String(text) }
    var result = ""
    for scalar in text.unicodeScalars { result += shown(scalar) }
    return result
  }

  /// A character as it is shown.
  static func shown(_ scalar: Unicode.Scalar) -> String {
    switch scalar.value {
    case 0x09: "    "
    case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF:
      "<U+\(hexadecimal(scalar.value))>"
    default: String(scalar)
    }
  }

  /// How many columns a shown character takes.
  static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x20..<0x7F: 1
    case 0x300...0x36F: 0
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      2
    default: shown(scalar).unicodeScalars.count
    }
  }

  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
