import Diagnostics
import DockerfileSyntax

/// Finds instructions of which only the last of a stage counts.
struct RepeatedInstruction {
  /// The instruction before, of the stage and of the triggers that the stage hands on: these follow each other in the build
  /// that comes later.
  private var previous: Instruction?
  private var previousTrigger: Instruction?

  /// Follows FROM, the instructions of one kind and ONBUILD; gives the instruction and the one that loses its effect with it.
  ///
  /// hadolint does not look into ONBUILD.
  mutating func visit(_ instruction: Instruction, _ kind: InstructionKind, _ context: LintContext) -> (
    instruction: Instruction, previous: Instruction
  )? {
    switch instruction.kind {
    case .from:
      previous = nil
      previousTrigger = nil
      return nil
    case .onbuild:
      guard !context.isStrict, case .onbuild(let trigger?) = instruction.details, trigger.kind == kind else {
        return nil
      }
      defer { previousTrigger = trigger }
      return previousTrigger.map { (trigger, $0) }
    default:
      defer { previous = instruction }
      return previous.map { (instruction, $0) }
    }
  }

  /// The finding for an instruction that makes an earlier one useless.
  static func diagnostic(
    _ code: DiagnosticCode, _ severity: Severity, _ instruction: Instruction, after previous: Instruction,
    _ context: LintContext
  ) -> Diagnostic {
    let keyword = instruction.kind.keyword
    let edit = context.isTrigger(previous) ? nil : LineRemoval.edit(previous, context)
    let fixIt = edit.flatMap {
      FixIt("remove the earlier \(keyword)", .safe, [$0])
    }
    return Diagnostic(
      code, severity, "the stage has a \(keyword) already, and only the last one counts",
      at: instruction.syntax.keyword,
      notes: [Note("this one has no effect", at: previous.syntax.keyword)],
      help: fixIt == nil ? "remove the one that is not meant" : nil, fixIts: [fixIt].compactMap(\.self))
  }
}
