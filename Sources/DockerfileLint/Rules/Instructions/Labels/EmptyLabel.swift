import Diagnostics
package import DockerfileSyntax

/// DL3051: a label of the settings without a value.
package struct EmptyLabel: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3051", "empty-label"), .warning, visits: [.label],
    summary: "a label that the settings ask for, with an empty value")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    var seen: Set<String> = []
    for label in LabelSchema.labels(of: instruction, context) {
      guard label.value?.isEmpty ?? false, seen.insert(label.name).inserted else { continue }
      findings.report(
        Diagnostic(
          Self.metadata.code, .warning, "the label `\(label.name)` is empty", at: label.assignment.name.range,
          help: "give it a value"),
        at: instruction.index)
    }
  }

  package static var documentation: RuleDocumentation {
    let settings = LintSettings { $0.labelSchema = ["com.example.team": .text] }
    return RuleDocumentation(
      what: "A label of the settings whose value is empty.",
      why: "The label was asked for because of its value.",
      instead: "Give it a value.",
      sources: ["https://github.com/hadolint/hadolint"],
      examples: [
        .bad("FROM debian:12\nLABEL «com.example.team»=\"\" other=\n", settings: settings),
        .good("FROM debian:12\nLABEL com.example.team=x other=\n", settings: settings),
        .good("FROM debian:12\nLABEL com.example.team=\n"),
      ],
      differences: [
        HadolintDifference(
          "In the form without `=` quotes are no part of the value, either.",
          "FROM a:1\nLABEL com.example.team \"\"\n", ours: [2], strict: [], settings: settings)
      ])
  }
}
