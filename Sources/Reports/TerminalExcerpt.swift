import SourceText

/// A line of a file with a part of it underlined.
struct TerminalExcerpt {
  /// The line's text as it is shown.
  let line: String
  /// The blanks and marks to put below it.
  let underline: String

  /// How many columns of a line are shown.
  private static let maximumWidth = 110
  /// How many columns of a long line are shown before the underlined part.
  private static let lead = 20

  /// Cuts the line out in which a range starts, and underlines the range up to the line's end.
  init(_ source: Source, _ lines: LineIndex, _ range: ByteRange) {
    let whole = lines.range(ofLine: lines.line(of: range.lower))
    let bytes = source.bytes(in: whole)
    let content = bytes[..<(bytes.lastIndex { $0 != 0x0A && $0 != 0x0D }.map { $0 + 1 } ?? bytes.startIndex)]
    let start = min(max(Int(range.lower), content.startIndex), content.endIndex)
    let end = min(max(Int(range.upper), start), content.endIndex)
    let limit = Self.maximumWidth * 4
    let before = Self.scalars(content[..<start].suffix(limit))
    let marked = Self.scalars(content[start..<end].prefix(limit))
    let after = Self.scalars(content[end...].prefix(limit))

    // More bytes than could be shown are not looked at. A long line is shown from a little before the range on.
    var head = before[...]
    var isCut = false
    if Self.width(head) + min(Self.width(marked[...]), 40) > Self.maximumWidth {
      isCut = true
      while Self.width(head) > Self.lead { head = head.dropFirst(max(1, head.count / 8)) }
    }
    var text = isCut ? "…" : ""
    for scalar in head { text += TerminalText.shown(scalar) }
    let indent = Self.width(head) + (isCut ? 1 : 0)
    var used = indent
    var marks = 0
    var isFull = false
    for (index, scalar) in (marked + after).enumerated() {
      let width = TerminalText.width(scalar)
      if used + width > Self.maximumWidth {
        isFull = true
        break
      }
      text += TerminalText.shown(scalar)
      used += width
      if index < marked.count { marks += width }
    }
    line = text + (isFull ? "…" : "")
    underline = String(repeating: " ", count: indent) + String(repeating: "^", count: max(1, marks))
  }

  private static func scalars(_ bytes: ArraySlice<UInt8>) -> [Unicode.Scalar] {
    Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
  }

  private static func width(_ scalars: ArraySlice<Unicode.Scalar>) -> Int {
    scalars.reduce(0) { $0 + TerminalText.width($1) }
  }
}
