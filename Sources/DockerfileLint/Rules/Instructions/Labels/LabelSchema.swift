import Diagnostics
import DockerfileSyntax
import SourceText

/// What the rules about the labels of the settings have in common.
enum LabelSchema {
  /// A label of an instruction that the settings know.
  struct Label {
    let name: String
    let assignment: Assignment
    /// The value; nil when a variable decides on it.
    let value: [UInt8]?

    /// The place of the value, or of the name where the value is empty.
    var place: Word {
      guard let value = assignment.value, !value.range.isEmpty else { return assignment.name }
      return value
    }
  }

  /// The labels of an instruction that the settings know, in the order of the file.
  static func labels(of instruction: Instruction, _ context: LintContext) -> [Label] {
    guard !context.settings.labelSchema.isEmpty, case .label(let assignments) = instruction.details else {
      return []
    }
    return assignments.compactMap { assignment in
      let name = String(decoding: context.text(of: assignment.name) ?? assignment.name.bytes, as: UTF8.self)
      guard context.settings.labelSchema[name] != nil, let value = assignment.value else { return nil }
      return Label(
        name: name, assignment: assignment, value: context.text(of: value, isLegacy: assignment.isLegacy))
    }
  }

  /// Reports the labels of a type whose values are not of it: one finding for each label that the settings know.
  ///
  /// - Parameter message: what is wrong, as the end of a sentence that starts with the label.
  static func check(
    _ instruction: Instruction, _ type: LintSettings.LabelType, _ code: DiagnosticCode,
    _ context: LintContext,
    _ findings: inout Findings, message: String, help: String, isValid: ([UInt8]) -> Bool
  ) {
    var seen: Set<String> = []
    for label in labels(of: instruction, context) where context.settings.labelSchema[label.name] == type {
      // A value that only the build knows cannot be judged.
      guard let value = label.value, !isValid(value), seen.insert(label.name).inserted else { continue }
      findings.report(
        Diagnostic(code, .warning, "the label `\(label.name)` \(message)", at: label.place.range, help: help),
        at: instruction.index)
    }
  }
}
