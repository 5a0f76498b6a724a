package import DockerfileLint
package import SourceText

/// What mending changes, as a unified diff with three lines of context; empty when nothing changes.
///
/// Only lines that an edit touched can differ, so the hunks follow from them without a search, in linear time.
package func lintDiff(_ file: FixedFile) -> [UInt8] {
  lintDiff(from: file.original, to: file.result.source.bytes, file.lineOrigins)
}

/// The difference between a file and what edits made of it.
package func lintDiff(from original: Source, to mended: [UInt8], _ lineOrigins: LineOrigins) -> [UInt8] {
  let old = LineOrigins.lines(of: original.bytes).map { original.bytes[$0.indices] }
  let new = LineOrigins.lines(of: mended).map { mended[$0.indices] }
  let hunks = DiffHunk.hunks(changes(old, new, lineOrigins.origins), old.count, new.count)
  guard !hunks.isEmpty else { return [] }
  let name = original.name
  var text = Array("--- \(name)\n+++ \(name)\n".utf8)
  for hunk in hunks {
    text += Array("@@ -\(range(hunk.old)) +\(range(hunk.new)) @@\n".utf8)
    var (oldLine, newLine) = (hunk.old.lowerBound, hunk.new.lowerBound)
    for change in hunk.changes {
      while oldLine < change.old.lowerBound {
        append(0x20, old[oldLine], to: &text)
        oldLine += 1
        newLine += 1
      }
      for line in change.old { append(0x2D, old[line], to: &text) }
      for line in change.new { append(0x2B, new[line], to: &text) }
      (oldLine, newLine) = (change.old.upperBound, change.new.upperBound)
    }
    while oldLine < hunk.old.upperBound {
      append(0x20, old[oldLine], to: &text)
      oldLine += 1
    }
  }
  return text
}

/// A stretch of lines that is replaced by another.
private struct DiffChange {
  var old: Range<Int>
  var new: Range<Int>
}

/// The stretches between lines that are the same, from the lines that have an origin.
private func changes(_ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>], _ origins: [Int?])
  -> [DiffChange]
{
  var result: [DiffChange] = []
  var (oldLine, newLine) = (0, 0)
  func close(_ oldEnd: Int, _ newEnd: Int) {
    var change = DiffChange(old: oldLine..<oldEnd, new: newLine..<newEnd)
    // What was touched and is the same again is no change.
    while let first = change.old.first, let other = change.new.first, old[first] == new[other] {
      change = DiffChange(old: first + 1..<change.old.upperBound, new: other + 1..<change.new.upperBound)
    }
    while let last = change.old.last, let other = change.new.last, old[last] == new[other] {
      change = DiffChange(old: change.old.lowerBound..<last, new: change.new.lowerBound..<other)
    }
    if !change.old.isEmpty || !change.new.isEmpty { result.append(change) }
  }
  for (line, origin) in origins.enumerated() {
    guard let origin else { continue }
    if origin > oldLine || line > newLine { close(origin, line) }
    (oldLine, newLine) = (origin + 1, line + 1)
  }
  close(old.count, new.count)
  return result
}

/// Changes that lie so near together that they are shown in one piece.
private struct DiffHunk {
  var old: Range<Int>
  var new: Range<Int>
  var changes: [DiffChange]

  private static let context = 3

  static func hunks(_ changes: [DiffChange], _ oldCount: Int, _ newCount: Int) -> [DiffHunk] {
    var result: [DiffHunk] = []
    for change in changes {
      let before = min(context, change.old.lowerBound)
      let after = min(context, oldCount - change.old.upperBound)
      let old = change.old.lowerBound - before..<change.old.upperBound + after
      let new = change.new.lowerBound - before..<change.new.upperBound + after
      if let last = result.last, last.old.upperBound >= old.lowerBound {
        result[result.count - 1].old = last.old.lowerBound..<old.upperBound
        result[result.count - 1].new = last.new.lowerBound..<new.upperBound
        result[result.count - 1].changes.append(change)
      } else {
        result.append(DiffHunk(old: old, new: new, changes: [change]))
      }
    }
    return result
  }
}

/// Start and length as the head of a hunk has them: an empty range starts at the line before it.
private func range(_ lines: Range<Int>) -> String {
  let start = lines.isEmpty ? lines.lowerBound : lines.lowerBound + 1
  return lines.count == 1 ? "\(start)" : "\(start),\(lines.count)"
}

private func append(_ mark: UInt8, _ line: ArraySlice<UInt8>, to text: inout [UInt8]) {
  text.append(mark)
  text += line
  if line.last != 0x0A { text += Array("\n\\ No newline at end of file\n".utf8) }
}
