import DockerfileSyntax
import SourceText

/// Keeping what was read.
extension HadolintReader {
  /// A stretch of a part's text.
  struct Piece {
    /// The characters that it stands for.
    var range: Range<Int>
    /// The character that stands for them, nil for the characters themselves.
    var replacement: UInt32?
  }

  /// A part before its text is made.
  struct Part {
    var role: HadolintPart.Role
    var pieces: [Piece]
  }

  /// An instruction before its texts are made.
  struct Record {
    var kind: InstructionKind?
    var isDirective: Bool
    var triggers: Int
    var line: Int
    var range: Range<Int>
    var parts: [Part]
  }

  /// Begins the text of a part.
  mutating func begin() { pieces.removeAll(keepingCapacity: true) }

  /// Adds the characters from an index to here.
  mutating func record(from start: Int) { record(from: start, to: at) }

  mutating func record(from start: Int, to end: Int) {
    if isRecording, start < end { pieces.append(Piece(range: start..<end)) }
  }

  /// Adds one blank for all the characters from an index to here.
  mutating func record(blankFrom start: Int) { record(HadolintReader.space, from: start) }

  /// Adds one character for all the characters from an index to here.
  mutating func record(_ replacement: UInt32, from start: Int) {
    if isRecording { pieces.append(Piece(range: start..<at, replacement: replacement)) }
  }

  /// Adds characters, with each continuation in them as a blank or nothing.
  mutating func recordLines(from start: Int, to limit: Int) {
    guard isRecording else { return }
    let place = at
    at = start
    while at < limit {
      let first = at
      if let isBlank = continuation() {
        if isBlank { record(blankFrom: first) }
        continue
      }
      repeat { at += 1 } while at < limit && next != escape
      record(from: first)
    }
    at = place
  }

  /// Takes white space from both ends of the text.
  mutating func strip() {
    while let first = pieces.first {
      pieces[0].range = first.range.drop { isHaskellSpace(first.replacement ?? text.scalars[$0]) }
      guard pieces[0].range.isEmpty else { break }
      pieces.removeFirst()
    }
    while let last = pieces.last {
      var range = last.range
      while let index = range.last, isHaskellSpace(last.replacement ?? text.scalars[index]) {
        range = range.dropLast()
      }
      pieces[pieces.count - 1].range = range
      guard range.isEmpty else { break }
      pieces.removeLast()
    }
  }

  /// Ends a part.
  mutating func emit(_ role: HadolintPart.Role) {
    if isRecording { parts.append(Part(role: role, pieces: pieces)) }
  }

  /// Ends an instruction.
  mutating func finish(_ kind: InstructionKind?, isDirective: Bool, triggers: Int, from start: Int) {
    guard isRecording else { return }
    finished.append(
      Record(
        kind: kind, isDirective: isDirective, triggers: triggers, line: lineNumber(at: start),
        range: start..<at,
        parts: parts))
  }
}

extension HadolintReader.Record {
  /// The instruction with its texts.
  func instruction(_ text: HadolintText, _ source: Source) -> HadolintInstruction {
    HadolintInstruction(
      kind: kind, isDirective: isDirective, triggers: triggers, line: line,
      range: ByteRange(text.origins[range.lowerBound], text.origins[range.upperBound]),
      parts: parts.map { part in
        var cooked = CookedText()
        for piece in part.pieces { text.append(piece, of: source, to: &cooked) }
        return HadolintPart(role: part.role, text: cooked)
      })
  }
}

extension HadolintText {
  /// Adds a piece to a text: the file's own bytes wherever they are the text's.
  fileprivate func append(_ piece: HadolintReader.Piece, of source: Source, to cooked: inout CookedText) {
    if let replacement = piece.replacement {
      var bytes: [UInt8] = []
      appendUTF8(replacement, to: &bytes)
      cooked.append(bytes, for: ByteRange(origins[piece.range.lowerBound], origins[piece.range.upperBound]))
      return
    }
    var start = piece.range.lowerBound
    while start < piece.range.upperBound {
      var index = start
      while index < piece.range.upperBound, isVerbatim(index) { index += 1 }
      cooked.append(ByteRange(origins[start], origins[index]), of: source)
      if index < piece.range.upperBound {
        var bytes: [UInt8] = []
        appendUTF8(scalars[index], to: &bytes)
        cooked.append(bytes, for: ByteRange(origins[index], origins[index + 1]))
        index += 1
      }
      start = index
    }
  }

  /// Whether a character stands in the file as it is in the text.
  private func isVerbatim(_ index: Int) -> Bool {
    guard isUTF8 else { return false }
    let width = origins[index + 1] - origins[index]
    switch scalars[index] {
    case 0..<0x80: return width == 1
    case 0xFFFD: return width == 3
    default: return true
    }
  }
}
