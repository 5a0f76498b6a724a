import ShellSyntax
import SourceText

extension ShellAnalyzer {
  /// The quotes around a text.
  enum Quotes {
    case none, single, double
  }

  /// Letters that look like something of the shell's syntax and are none: typographic quotes and the no-break space.
  mutating func checkLookAlikes(_ range: ByteRange, _ quotes: Quotes) {
    guard silence == 0 else { return }
    let text = script.text
    var index = Int(range.lower)
    let end = min(Int(range.upper), text.count)
    while index < end {
      if text[index] == UInt8(ascii: "\\"), quotes != .single {
        index += 2
        continue
      }
      if text[index] == 0xC2, index + 1 < end, text[index + 1] == 0xA0 {
        if quotes == .none { report(1018, ByteRange(UInt32(index), UInt32(index + 2))) }
        index += 2
        continue
      }
      guard text[index] == 0xE2, index + 2 < end, text[index + 1] == 0x80 else {
        index += 1
        continue
      }
      let place = ByteRange(UInt32(index), UInt32(index + 3))
      switch (text[index + 2], quotes) {
      // U+2018, U+2019.
      case (0x98, .none), (0x99, .none): report(1110, place)
      case (0x98, .single), (0x99, .single): report(1112, place)
      // U+201C, U+201D, U+2033, U+2036.
      case (0x9C, .none), (0x9D, .none), (0xB3, .none), (0xB6, .none): report(1110, place)
      case (0x9C, .double), (0x9D, .double), (0xB3, .double), (0xB6, .double): report(1111, place)
      default: break
      }
      index += 3
    }
  }
}
