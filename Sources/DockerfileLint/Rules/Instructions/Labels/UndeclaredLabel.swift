import Diagnostics
package import DockerfileSyntax

/// DL3050: a label that the settings do not know.
package struct UndeclaredLabel: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3050", "undeclared-label"), .info, visits: [.label],
    summary: "a label that the settings do not know, where they are to know all")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard context.settings.strictLabels, case .label(let labels) = instruction.details else { return }
    let unknown = labels.filter { label in
      let name = context.text(of: label.name) ?? label.name.bytes
      return context.settings.labelSchema[String(decoding: name, as: UTF8.self)] == nil
    }
    guard let first = unknown.first else { return }
    findings.report(
      Diagnostic(
        Self.metadata.code, .info, "the settings have no label `\(first.name.string)`", at: first.name.range,
        notes: unknown.dropFirst().map { Note("nor this one", at: $0.name.range) },
        help: "remove the label, or add it to the settings"),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    let settings = LintSettings {
      $0.labelSchema = ["com.example.team": .text]
      $0.strictLabels = true
    }
    return RuleDocumentation(
      what: "A label that is not in the settings, when these say that all labels must be.",
      why: "A misspelt label is not found by whoever looks for the right one.",
      instead: "Remove the label, or add it to the settings.",
      sources: ["https://github.com/hadolint/hadolint"],
      examples: [
        .bad(
          """
          FROM debian:12
          LABEL com.example.team=x «com.example.taem»=y ‹other›=z

          """, settings: settings),
        .good("FROM debian:12\nLABEL com.example.team=x\n", settings: settings),
        .good("FROM debian:12\nLABEL com.example.team=x other=y\n"),
      ])
  }
}
