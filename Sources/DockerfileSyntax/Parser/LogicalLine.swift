import SourceText

/// The way from a logical line back to the file.
///
/// A logical line of one physical line has the file's own offsets. A joined one has offsets from 0, and a table of its
/// pieces; between two pieces lie trivia tokens, which are put out when the emission crosses the gap.
struct LogicalLine {
  private struct Segment {
    var joined: Int
    var file: Int
    /// Index behind the last gap token before this piece.
    var gapEnd: Int
  }
  private var segments: [Segment] = []
  private var gaps: [Token] = []
  private(set) var isJoined = false
  /// The piece that the emission is in.
  private var current = 0

  mutating func reset(toPhysical start: Int) {
    isJoined = false
  }

  mutating func reset(toJoined start: Int) {
    isJoined = true
    segments.removeAll(keepingCapacity: true)
    gaps.removeAll(keepingCapacity: true)
    segments.append(Segment(joined: 0, file: start, gapEnd: 0))
    current = 0
  }

  mutating func addGap(_ kind: TokenKind, _ start: Int) {
    gaps.append(Token(kind, start))
  }

  mutating func addSegment(joined: Int, file: Int) {
    segments.append(Segment(joined: joined, file: file, gapEnd: gaps.count))
  }

  /// Puts out a token of the line, cut into pieces where lines were joined.
  @inline(__always)
  mutating func emit(_ kind: TokenKind, from start: Int, to end: Int, into tokens: inout [Token]) {
    guard start < end else { return }
    if isJoined {
      emitPieces(kind, from: start, to: end, into: &tokens)
    } else {
      tokens.append(Token(kind, start))
    }
  }

  private mutating func emitPieces(
    _ kind: TokenKind, from start: Int, to end: Int, into tokens: inout [Token]
  ) {
    var offset = start
    while offset < end {
      crossGaps(upTo: offset, into: &tokens)
      let segment = segments[current]
      tokens.append(Token(kind, segment.file + offset - segment.joined))
      offset = current + 1 < segments.count ? min(end, segments[current + 1].joined) : end
    }
  }

  /// Puts out the trivia before each piece that starts at or before the offset.
  private mutating func crossGaps(upTo offset: Int, into tokens: inout [Token]) {
    while current + 1 < segments.count, segments[current + 1].joined <= offset {
      let start = segments[current].gapEnd
      current += 1
      tokens.append(contentsOf: gaps[start..<segments[current].gapEnd])
    }
  }

  /// Puts out what trivia is left behind the last piece.
  mutating func finish(at end: Int, into tokens: inout [Token]) {
    crossGaps(upTo: end, into: &tokens)
    tokens.append(contentsOf: gaps[segments[current].gapEnd...])
  }

  /// The offset in the file of a byte of the line.
  func fileOffset(ofStart offset: Int) -> Int {
    guard isJoined else { return offset }
    let segment = segments[lastSegment { $0.joined <= offset }]
    return segment.file + offset - segment.joined
  }

  /// The offset in the file behind the last byte of a range that ends at `offset` of the line.
  func fileOffset(ofEnd offset: Int) -> Int {
    guard isJoined else { return offset }
    guard offset > 0 else { return segments[0].file }
    let segment = segments[lastSegment { $0.joined < offset }]
    return segment.file + offset - segment.joined
  }

  /// The range of the file from the first to the last byte of a range of the line.
  func fileRange(_ start: Int, _ end: Int) -> ByteRange {
    guard isJoined else { return ByteRange(start, end) }
    let lower = fileOffset(ofStart: start)
    return start < end ? ByteRange(lower, fileOffset(ofEnd: end)) : ByteRange(lower, lower)
  }

  /// Whether a range of the line lies in one piece.
  func isContiguous(_ start: Int, _ end: Int) -> Bool {
    guard isJoined, start < end else { return true }
    return fileRange(start, end).count == end - start
  }

  private func lastSegment(where matches: (Segment) -> Bool) -> Int {
    var low = 0
    var high = segments.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if matches(segments[middle]) { low = middle } else { high = middle }
    }
    return low
  }
}
