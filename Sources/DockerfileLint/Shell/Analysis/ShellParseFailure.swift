import ShellSyntax
import SourceText

/// What ShellCheck says of a script that it cannot read: nothing else is said of it then.
enum ShellParseFailure {
  /// The code of the last of ShellCheck's remarks, at the place where reading stops.
  static func finding(in script: ShellScript) -> ShellFinding? {
    switch script.verdict {
    case .accepted: return nil
    case .stopped(let place):
      return ShellFinding(code: code(ofStop: place, in: script), range: range(place, in: script))
    case .refused:
      let error = script.errors.first
      let place = error?.range ?? ByteRange(0, 0)
      return ShellFinding(code: 1072, range: place)
    }
  }

  private static func range(_ place: UInt32, in script: ShellScript) -> ByteRange {
    let end = UInt32(truncatingIfNeeded: script.text.count)
    return ByteRange(min(place, end), min(place + 1, end))
  }

  private static func code(ofStop place: UInt32, in script: ShellScript) -> Int {
    let index = Int(place)
    guard index < script.text.count else { return 1072 }
    let isFirst = script.text[..<index].allSatisfy { $0.isASCIISpace }
    switch script.text[index] {
    case 0x28: return isBehindName(index, in: script.text) ? 1065 : 1088
    case 0x2E: return 1036
    case 0x26, 0x7C: return isFirst ? 1133 : 1070
    case 0x3B: return index + 1 < script.text.count && script.text[index + 1] == 0x3B ? 1089 : 1070
    default: return 1089
    }
  }

  /// Whether one word and nothing else of a command stands before a parenthesis, so that it looks like a function.
  private static func isBehindName(_ index: Int, in text: [UInt8]) -> Bool {
    var start = index
    while start > 0, text[start - 1] == 0x20 || text[start - 1] == 0x09 { start -= 1 }
    let end = start
    while start > 0, !";|&(){} \t\n'\"".utf8.contains(text[start - 1]) { start -= 1 }
    guard start < end else { return false }
    while start > 0, text[start - 1] == 0x20 || text[start - 1] == 0x09 { start -= 1 }
    return start == 0 || ";|&(){\n".utf8.contains(text[start - 1])
  }
}
