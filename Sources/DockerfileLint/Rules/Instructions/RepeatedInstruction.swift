import Diagnostics
import DockerfileSyntax

/// Finds instructions of which only the last of a stage counts.
struct RepeatedInstruction {
  private var previous: Instruction?

  /// Follows FROM and the instructions of one kind; gives the one that loses its effect with this one.
  mutating func visit(_ instruction: Instruction) -> Instruction? {
    defer { previous = instruction.kind == .from ? nil : instruction }
    return instruction.kind == .from ? nil : previous
  }

  /// The finding for an instruction that makes an earlier one useless.
  static func diagnostic(
    _ code: DiagnosticCode, _ severity: Severity, _ instruction: Instruction, after previous: Instruction,
    _ context: LintContext
  ) -> Diagnostic {
    let keyword = instruction.kind.keyword
    let fixIt = LineRemoval.edit(previous, context).flatMap {
      FixIt("remove the earlier \(keyword)", .safe, [$0])
    }
    return Diagnostic(
      code, severity, "the stage has a \(keyword) already, and only the last one counts",
      at: instruction.syntax.keyword,
      notes: [Note("this one has no effect", at: previous.syntax.keyword)],
      help: fixIt == nil ? "remove the one that is not meant" : nil, fixIts: [fixIt].compactMap(\.self))
  }
}
