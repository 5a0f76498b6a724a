import ConfigText
import SourceText

/// The text of a YAML scalar with its way back to the file, and where a text in a block stands line by line.
///
/// libyaml gives the text but not where its bytes come from, so the file is read a second time here (YAML 1.2, chapters 7.3
/// and 8.1). What comes out is compared with libyaml's text: where the two differ, the scalar as a whole is the place
/// of every byte, and nothing in the file can be wrongly named.
struct ScalarText {
  /// The text as the program that reads the YAML file has it.
  private(set) var text = CookedText()
  /// The lines of a literal block; nil for all other styles.
  private(set) var block: LiteralBlock?
  /// Whether `$$` stands in it for `$`.
  private(set) var hasEscapedDollars = false

  /// The text as YAML has it, with `$$`.
  private var plain: [UInt8] = []
  private let source: Source
  private let isInterpolated: Bool

  /// - Parameters:
  ///   - entry: a key with a scalar.
  ///   - isInterpolated: whether variables are put in, so that `$$` stands for `$`.
  init?(_ entry: ConfigEntry, in source: Source, isInterpolated: Bool) {
    let value = entry.value
    guard let scalar = value.scalar else { return nil }
    self.source = source
    self.isInterpolated = isInterpolated
    let start = Self.start(of: value.range, in: source.bytes)
    switch scalar.style {
    case .literal: readBlock(from: start, under: entry, folds: false)
    case .folded: readBlock(from: start, under: entry, folds: true)
    case .doubleQuoted: readQuoted(from: start + 1, to: Int(value.range.upper) - 1, mark: UInt8(ascii: "\""))
    case .singleQuoted: readQuoted(from: start + 1, to: Int(value.range.upper) - 1, mark: UInt8(ascii: "'"))
    case .plain: readQuoted(from: start, to: Int(value.range.upper), mark: nil)
    }
    guard !plain.elementsEqual(scalar.text.utf8) else { return }
    plain = []
    text = CookedText()
    block = nil
    hasEscapedDollars = false
    replace(value.range, by: Array(scalar.text.utf8))
  }

  /// Where the text itself starts, behind anchor and tag.
  private static func start(of range: ByteRange, in bytes: [UInt8]) -> Int {
    var index = Int(range.lower)
    while index < bytes.count, bytes[index] == UInt8(ascii: "&") || bytes[index] == UInt8(ascii: "!") {
      while index < bytes.count, !isBlank(bytes[index]), !isBreak(bytes[index]) { index += 1 }
      while index < bytes.count, isBlank(bytes[index]) { index += 1 }
    }
    return index
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
  private static func isBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  /// The line end at an index, CRLF as one; empty when there is none.
  private func lineEnd(at index: Int) -> ByteRange {
    let bytes = source.bytes
    guard index < bytes.count, Self.isBreak(bytes[index]) else { return ByteRange(index, index) }
    let isPair = bytes[index] == 0x0D && index + 1 < bytes.count && bytes[index + 1] == 0x0A
    return ByteRange(index, index + (isPair ? 2 : 1))
  }

  // MARK: - What is put together

  /// Takes bytes of the file as they are, but for `$$`.
  private mutating func take(_ range: ByteRange) {
    plain += source.bytes(in: range)
    guard isInterpolated else {
      text.append(range, of: source)
      return
    }
    var start = Int(range.lower)
    var index = start
    let end = Int(range.upper)
    while index + 1 < end {
      guard source.bytes[index] == UInt8(ascii: "$"), source.bytes[index + 1] == UInt8(ascii: "$") else {
        index += 1
        continue
      }
      text.append(ByteRange(start, index), of: source)
      text.append([UInt8(ascii: "$")], for: ByteRange(index, index + 2))
      hasEscapedDollars = true
      index += 2
      start = index
    }
    text.append(ByteRange(start, end), of: source)
  }

  private mutating func replace(_ range: ByteRange, by bytes: [UInt8]) {
    plain += bytes
    text.append(bytes, for: range)
  }

  private mutating func takeBreak(_ range: ByteRange) {
    if range.count == 1, source.bytes[Int(range.lower)] == 0x0A {
      take(range)
    } else if !range.isEmpty {
      replace(range, by: [0x0A])
    }
  }

  // MARK: - Blocks

  /// - Parameter entry: the key, whose column is what an indentation is counted from.
  private mutating func readBlock(from start: Int, under entry: ConfigEntry, folds: Bool) {
    let bytes = source.bytes
    let name = Int(entry.nameRange.lower)
    let parent = name - (bytes[..<name].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)
    var index = start + 1
    var increment: Int?
    var chomping: UInt8?
    while index < bytes.count, !Self.isBreak(bytes[index]), bytes[index] != UInt8(ascii: "#") {
      switch bytes[index] {
      case UInt8(ascii: "1")...UInt8(ascii: "9"): increment = Int(bytes[index] - UInt8(ascii: "0"))
      case UInt8(ascii: "+"), UInt8(ascii: "-"): chomping = bytes[index]
      default: break
      }
      index += 1
    }
    while index < bytes.count, !Self.isBreak(bytes[index]) { index += 1 }
    index = Int(lineEnd(at: index).upper)

    let indent = increment.map { parent + $0 } ?? detectedIndent(from: index, parent: parent)
    var lines: [ByteRange] = []
    /// The line end of the last line with something in it, which may be folded away.
    var pending: ByteRange?
    /// Empty lines behind it.
    var empty: [ByteRange] = []
    var emptyLines: [ByteRange] = []
    var isIndented = false
    while index < bytes.count {
      let lineStart = index
      while index < bytes.count, index - lineStart < indent, bytes[index] == 0x20 { index += 1 }
      let ending = lineEnd(at: index)
      if !ending.isEmpty {
        empty.append(ending)
        index = Int(ending.upper)
        emptyLines.append(ByteRange(lineStart, index))
        continue
      }
      guard index < bytes.count, index - lineStart == indent else { break }
      let wasIndented = isIndented
      isIndented = Self.isBlank(bytes[index])
      if let end = pending {
        if folds, !wasIndented, !isIndented {
          if empty.isEmpty { replace(end, by: [0x20]) }
        } else {
          takeBreak(end)
        }
      }
      for end in empty { takeBreak(end) }
      lines += emptyLines
      empty = []
      emptyLines = []
      let contentStart = index
      while index < bytes.count, !Self.isBreak(bytes[index]) { index += 1 }
      take(ByteRange(contentStart, index))
      let end = lineEnd(at: index)
      pending = end
      index = Int(end.upper)
      lines.append(ByteRange(lineStart, index))
    }
    if chomping != UInt8(ascii: "-") { if let end = pending { takeBreak(end) } }
    if chomping == UInt8(ascii: "+") {
      for end in empty { takeBreak(end) }
      lines += emptyLines
    }
    if !folds, let first = lines.first, let last = lines.last {
      let firstEnd = source.bytes(in: first)
      block = LiteralBlock(
        text: text,
        lines: lines, end: last.upper, indent: indent, hasIndicator: increment != nil,
        lineEnd: firstEnd.suffix(2).elementsEqual([0x0D, 0x0A]) ? [0x0D, 0x0A] : [0x0A],
        isEnded: bytes[Int(last.upper) - 1] == 0x0A, hasEscapedDollars: hasEscapedDollars)
    }
  }

  /// How far the first line with something in it is indented.
  private func detectedIndent(from start: Int, parent: Int) -> Int {
    let bytes = source.bytes
    var index = start
    var deepest = 0
    while index < bytes.count {
      let lineStart = index
      while index < bytes.count, bytes[index] == 0x20 { index += 1 }
      deepest = max(deepest, index - lineStart)
      let end = lineEnd(at: index)
      guard !end.isEmpty else { break }
      index = Int(end.upper)
    }
    return max(deepest, parent + 1, 1)
  }

  // MARK: - Quoted and plain texts

  /// Reads a text in quotes, or a plain one, where `mark` is nil.
  private mutating func readQuoted(from start: Int, to end: Int, mark: UInt8?) {
    let bytes = source.bytes
    let end = min(end, bytes.count)
    var index = start
    var verbatim = start
    func isQuote(_ byte: UInt8) -> Bool { mark == UInt8(ascii: "'") && byte == UInt8(ascii: "'") }
    while index < end {
      let byte = bytes[index]
      if Self.isBlank(byte) || Self.isBreak(byte) {
        var next = index
        while next < end, Self.isBlank(bytes[next]) { next += 1 }
        guard next < end, Self.isBreak(bytes[next]) else {
          index = next
          continue
        }
        take(ByteRange(verbatim, index))
        index = fold(from: next, to: end, isJoined: false)
        verbatim = index
      } else if isQuote(byte) {
        take(ByteRange(verbatim, index))
        replace(ByteRange(index, index + 2), by: [byte])
        index += 2
        verbatim = index
      } else if mark == UInt8(ascii: "\""), byte == UInt8(ascii: "\\"), index + 1 < end {
        take(ByteRange(verbatim, index))
        if Self.isBreak(bytes[index + 1]) {
          index = fold(from: index + 1, to: end, isJoined: true)
        } else {
          index = readEscape(at: index, to: end)
        }
        verbatim = index
      } else {
        index += 1
      }
    }
    take(ByteRange(min(verbatim, end), end))
  }

  /// Folds line ends: one is a blank (nothing, behind a backslash), of several each but the first stays.
  private mutating func fold(from start: Int, to end: Int, isJoined: Bool) -> Int {
    let first = lineEnd(at: start)
    var index = Int(first.upper)
    var others: [ByteRange] = []
    while index < end {
      if Self.isBlank(source.bytes[index]) {
        index += 1
      } else if Self.isBreak(source.bytes[index]) {
        others.append(lineEnd(at: index))
        index = Int(lineEnd(at: index).upper)
      } else {
        break
      }
    }
    if others.isEmpty, !isJoined { replace(first, by: [0x20]) }
    for other in others { replace(other, by: [0x0A]) }
    return index
  }

  private mutating func readEscape(at index: Int, to end: Int) -> Int {
    let bytes = source.bytes
    let digits: Int
    var decoded: [UInt8] = []
    switch bytes[index + 1] {
    case UInt8(ascii: "x"): digits = 2
    case UInt8(ascii: "u"): digits = 4
    case UInt8(ascii: "U"): digits = 8
    default:
      digits = 0
      switch bytes[index + 1] {
      case UInt8(ascii: "n"): decoded = [0x0A]
      case UInt8(ascii: "t"), 0x09: decoded = [0x09]
      case UInt8(ascii: "r"): decoded = [0x0D]
      case UInt8(ascii: "0"): decoded = [0]
      case UInt8(ascii: "a"): decoded = [0x07]
      case UInt8(ascii: "b"): decoded = [0x08]
      case UInt8(ascii: "e"): decoded = [0x1B]
      case UInt8(ascii: "f"): decoded = [0x0C]
      case UInt8(ascii: "v"): decoded = [0x0B]
      case UInt8(ascii: "N"): appendUTF8(0x85, to: &decoded)
      case UInt8(ascii: "_"): appendUTF8(0xA0, to: &decoded)
      case UInt8(ascii: "L"): appendUTF8(0x2028, to: &decoded)
      case UInt8(ascii: "P"): appendUTF8(0x2029, to: &decoded)
      default: decoded = [bytes[index + 1]]
      }
    }
    let stop = min(index + 2 + digits, end)
    if digits > 0 {
      let value = UInt32(String(decoding: bytes[(index + 2)..<stop], as: UTF8.self), radix: 16)
      appendUTF8(value ?? 0xFFFD, to: &decoded)
    }
    replace(ByteRange(index, stop), by: decoded)
    return stop
  }
}
