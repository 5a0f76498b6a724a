import Diagnostics
import DockerfileSyntax
import SourceText

extension LintResult {
  /// The text that a finding is about, whatever stands above it in the file: the instruction, with its here-documents and
  /// without its layout, or the line when it belongs to none.
  package func text(ofFinding index: Int) -> [UInt8] {
    if let instruction = instructions[index] { return dockerfile.text(ofInstruction: instruction) }
    let lines = LineIndex(source)
    return squeezed(source.bytes(in: lines.range(ofLine: lines.line(of: findings[index].range.lower))))
  }

  /// The findings for which a condition holds.
  package func filtered(_ isKept: (Int) -> Bool) -> LintResult {
    LintResult(
      dockerfile: dockerfile,
      entries: findings.indices.filter(isKept).map {
        Findings.Entry(diagnostic: findings[$0], instruction: instructions[$0])
      })
  }
}

extension Dockerfile {
  /// An instruction's text without continuations, comments and the width of blanks.
  package func text(ofInstruction index: Int) -> [UInt8] {
    let node = tree.instructions[index]
    var text = squeezed(tree.cookedLine(of: node)[...])
    for heredoc in tree.heredocs(of: node) { text += [0x0A] + source.bytes(in: heredoc.body) }
    return text
  }
}

/// A text in which every run of blanks is one, and none is left at the ends.
private func squeezed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
  var result: [UInt8] = []
  result.reserveCapacity(bytes.count)
  for byte in bytes {
    let isBlank = byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
    if !isBlank {
      result.append(byte)
    } else if let last = result.last, last != 0x20 {
      result.append(0x20)
    }
  }
  if result.last == 0x20 { result.removeLast() }
  return result
}
