import Diagnostics
import DockerfileSyntax
import SourceText

/// An option that calls of a package manager should have: one finding for a RUN, at the first call that lacks it, with
/// the others as notes.
struct MissingOption {
  let metadata: RuleMetadata
  /// The option, as in `-y`.
  let option: String
  /// Whether it is an option of the program, which must stand in front of the verb.
  var isGlobal = false
  /// Why it should be there, behind the name of the call: "`yum install` …".
  let reason: String

  /// Reports the calls, if there are any.
  func report(_ calls: [PackageCall], of instruction: Instruction, _ findings: inout Findings) {
    guard let first = calls.first else { return }
    let name = "\(first.command.name) \(first.verb.text)"
    let fixed = isGlobal ? "\(first.command.name) \(option) \(first.verb.text)" : "\(name) \(option)"
    findings.report(
      Diagnostic(
        metadata.code, metadata.severity, "`\(name)` \(reason)", at: first.range,
        notes: calls.dropFirst().map { Note("`\(option)` is missing here too", at: $0.range) },
        help: "write `\(fixed)`", fixIts: fixIts(calls, instruction)),
      at: instruction.index)
  }

  private func fixIts(_ calls: [PackageCall], _ instruction: Instruction) -> [FixIt] {
    // Each string of the exec form is one word, so that nothing can be put behind it inside the quotes.
    guard let applicability = metadata.fix, case .run(let run) = instruction.details, !run.command.isExec
    else {
      return []
    }
    let edits = calls.filter(\.verb.isVerbatim).map { call in
      // In front of the verb is the same place as behind the name, but the name may be hidden in a longer word.
      isGlobal
        ? Edit(ByteRange(call.verb.range.lower, call.verb.range.lower), option + " ")
        : Edit(ByteRange(call.verb.range.upper, call.verb.range.upper), " " + option)
    }
    return [FixIt("add `\(option)`", applicability, edits)].compactMap(\.self)
  }
}
