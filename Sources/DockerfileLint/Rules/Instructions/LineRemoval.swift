import Diagnostics
import DockerfileSyntax
import SourceText

/// Takes a whole instruction out of a file.
enum LineRemoval {
  /// The lines of an instruction with their line end; nil when something else stands on them, or a comment above would
  /// belong to the next instruction then.
  static func edit(_ instruction: Instruction, _ context: LintContext) -> Edit? {
    let syntax = instruction.syntax
    guard syntax.leadingComments.count == 0 else { return nil }
    let first = context.lines.line(of: syntax.range.lower)
    // A here-document ends with its line, so the last byte that belongs to the instruction tells the last line.
    let last = context.lines.line(of: max(syntax.range.lower, syntax.range.upper - 1))
    let start = context.lines.range(ofLine: first)
    let end = context.lines.range(ofLine: last)
    let before = context.dockerfile.source.bytes(in: ByteRange(start.lower, syntax.range.lower))
    guard before.allSatisfy(\.isASCIISpace) else { return nil }
    let after = context.dockerfile.source.bytes(
      in: ByteRange(syntax.range.upper, max(end.upper, syntax.range.upper)))
    guard after.allSatisfy(\.isASCIISpace) else { return nil }
    return Edit(ByteRange(start.lower, max(end.upper, syntax.range.upper)), "")
  }
}
