package import Diagnostics
package import SourceText

/// Which lines of a changed text are lines of the original, kept up to date while edits are applied.
///
/// Only lines that an edit touches can differ, so a difference between the two texts needs no search: it is what lies
/// between the lines that have an origin. Lines count from 0 here and hold their line end.
package struct LineOrigins: Sendable {
  /// For each line of the text, the line of the original that it is; nil when it was touched.
  package private(set) var origins: [Int?]

  /// Starts with an unchanged text.
  package init(_ bytes: [UInt8]) {
    origins = Array(0..<Self.lines(of: bytes).count)
  }

  /// The lines of a text; there is none behind a final line end.
  package static func lines(of bytes: [UInt8]) -> [ByteRange] {
    let index = LineIndex(bytes)
    return (1...index.count).map { index.range(ofLine: $0) }.filter { !$0.isEmpty }
  }

  /// Follows edits, which are sorted and do not overlap, from one text to the next.
  package mutating func apply(_ edits: [Edit], from old: [UInt8], to new: [UInt8]) {
    let newLines = Self.lines(of: new)
    var result = [Int?](repeating: nil, count: newLines.count)
    var shift = 0
    var next = 0
    var cursor = 0
    for (index, line) in Self.lines(of: old).enumerated() {
      // Edits that end before the line move it, one inside makes it a new one. An insertion at its start moves it too if
      // that ends a line; if not, the line is not found at the place where it should start now.
      while next < edits.count, edits[next].range.upper <= line.lower {
        shift += edits[next].replacement.count - edits[next].range.count
        next += 1
      }
      guard let origin = origins[index] else { continue }
      if next < edits.count, edits[next].range.lower < line.upper { continue }
      let start = Int(line.lower) + shift
      while cursor < newLines.count, newLines[cursor].lower < start { cursor += 1 }
      if cursor < newLines.count, newLines[cursor] == ByteRange(start, start + line.count) {
        result[cursor] = origin
      }
    }
    origins = result
  }
}
