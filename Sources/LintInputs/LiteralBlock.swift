import Diagnostics
import SourceText

/// A text in a literal block (`|`): each of its lines is a line of the file behind a few blanks.
struct LiteralBlock: Sendable {
  /// The text.
  let text: CookedText
  /// The lines of the file, blanks and line end among them, one for each line of the text.
  let lines: [ByteRange]
  /// Where the last of them ends.
  let end: UInt32
  /// How many blanks stand in front of a line.
  let indent: Int
  /// Whether the head says so; else the first line does.
  let hasIndicator: Bool
  /// How the file ends its lines.
  let lineEnd: [UInt8]
  /// Whether the last line has a line end.
  let isEnded: Bool
  /// Whether `$$` stands for `$` somewhere in it.
  let hasEscapedDollars: Bool
  /// Where the lines of the text start.
  private let starts: LineIndex
  /// The offset of the first byte of the first line that is not empty.
  private let firstContent: Int

  init(
    text: CookedText, lines: [ByteRange], end: UInt32, indent: Int, hasIndicator: Bool, lineEnd: [UInt8],
    isEnded: Bool, hasEscapedDollars: Bool
  ) {
    self.text = text
    self.lines = lines
    self.end = end
    self.indent = indent
    self.hasIndicator = hasIndicator
    self.lineEnd = lineEnd
    self.isEnded = isEnded
    self.hasEscapedDollars = hasEscapedDollars
    starts = LineIndex(text.bytes)
    firstContent = text.bytes.firstIndex { $0 != 0x0A } ?? text.bytes.count
  }

  /// Turns edits of the text into edits of the file; nil where that cannot be done.
  ///
  /// What stays in a line is an edit in the line; everything else replaces whole lines, so that each line of the new text
  /// gets the block's indentation.
  func edits(for edits: [Edit]) -> [Edit]? {
    // A first line that starts with a blank would change what the block takes for its indentation.
    if !hasIndicator, firstByte(after: edits) == 0x20 { return nil }
    var result: [Edit] = []
    var group: Group?
    for edit in edits {
      guard Int(edit.range.upper) <= text.bytes.count else { return nil }
      let span = span(of: edit)
      if let current = group, span.lowerBound < current.lines.upperBound || span == current.lines {
        group?.edits.append(edit)
        group?.lines = current.lines.lowerBound..<max(current.lines.upperBound, span.upperBound)
        continue
      }
      if let group {
        guard let edits = finish(group) else { return nil }
        result += edits
      }
      group = Group(lines: span, edits: [edit])
    }
    if let group {
      guard let edits = finish(group) else { return nil }
      result += edits
    }
    return result
  }

  /// The first byte of the first line that is not empty, once edits are made.
  private func firstByte(after edits: [Edit]) -> UInt8? {
    var offset = 0
    for edit in edits {
      // Up to the first content there is nothing but line ends.
      if offset <= firstContent, firstContent < Int(edit.range.lower) { return text.bytes[firstContent] }
      if offset > firstContent, offset < Int(edit.range.lower),
        let byte = text.bytes[offset..<Int(edit.range.lower)].first(where: { $0 != 0x0A })
      {
        return byte
      }
      if let byte = edit.replacement.first(where: { $0 != 0x0A }) { return byte }
      offset = Int(edit.range.upper)
    }
    return offset < text.bytes.count ? text.bytes[max(offset, firstContent)...].first { $0 != 0x0A } : nil
  }

  /// Edits that touch the same lines.
  private struct Group {
    /// The lines that are replaced, from 0.
    var lines: Range<Int>
    var edits: [Edit]
  }

  /// The lines that are not the same after an edit; none for one that puts lines in between.
  private func span(of edit: Edit) -> Range<Int> {
    let first = starts.position(of: edit.range.lower)
    let last = starts.position(of: edit.range.upper)
    let endsLines = edit.replacement.isEmpty ? first.column == 1 : edit.replacement.last == 0x0A
    let isWhole = last.column == 1 && endsLines && (!edit.range.isEmpty || first.column == 1)
    return (first.line - 1)..<max(first.line - 1, isWhole ? last.line - 1 : last.line)
  }

  private func finish(_ group: Group) -> [Edit]? {
    if group.lines.count == 1 {
      let line = starts.range(ofLine: group.lines.lowerBound + 1)
      // An empty line has no indentation that a text could stand behind.
      let isEmpty = line.isEmpty || text.bytes[Int(line.lower)] == 0x0A
      let stays = group.edits.allSatisfy { edit in
        !edit.replacement.contains(0x0A) && !text.bytes[edit.range.indices].contains(0x0A)
      }
      if stays, !isEmpty { return inLine(group) }
    }
    return wholeLines(group)
  }

  private func inLine(_ group: Group) -> [Edit]? {
    var result: [Edit] = []
    for edit in group.edits {
      guard text.isVerbatim(edit.range.indices), accepts(edit.replacement) else { return nil }
      let lower = text.original(Int(edit.range.lower))
      result.append(
        Edit(ByteRange(lower, lower + UInt32(edit.range.count)), edit.replacement))
    }
    return result
  }

  private func wholeLines(_ group: Group) -> [Edit]? {
    let range = starts.range(ofLine: group.lines.lowerBound + 1).lower..<lower(group.lines.upperBound)
    var segment: [UInt8] = []
    var offset = Int(range.lowerBound)
    for edit in group.edits {
      segment += text.bytes[offset..<Int(edit.range.lower)]
      segment += edit.replacement
      offset = Int(edit.range.upper)
    }
    segment += text.bytes[offset..<max(offset, Int(range.upperBound))]
    // Together, edits can join lines that none of them joins by itself.
    if let last = segment.last, last != 0x0A, Int(range.upperBound) < text.bytes.count { return nil }
    guard accepts(segment), isEnded || group.lines.upperBound < lines.count else { return nil }
    let replaced = ByteRange(place(of: group.lines.lowerBound), place(of: group.lines.upperBound))
    return [Edit(replaced, rendered(segment))]
  }

  /// Where a line of the text starts; the end of the text behind the last.
  private func lower(_ line: Int) -> UInt32 { starts.range(ofLine: line + 1).lower }

  /// Where a line starts in the file.
  private func place(of line: Int) -> UInt32 { line < lines.count ? lines[line].lower : end }

  /// Whether it is certain how a text must be written.
  private func accepts(_ text: [UInt8]) -> Bool {
    !(hasEscapedDollars && text.contains(UInt8(ascii: "$")))
  }

  /// Lines as they stand in the block.
  private func rendered(_ text: [UInt8]) -> [UInt8] {
    guard !text.isEmpty else { return [] }
    var result: [UInt8] = []
    var rest = text[...]
    while !rest.isEmpty {
      let line = rest.prefix { $0 != 0x0A }
      if !line.isEmpty {
        result += [UInt8](repeating: 0x20, count: indent)
        result += line
      }
      result += lineEnd
      rest = rest.dropFirst(line.count + 1)
    }
    return result
  }
}
