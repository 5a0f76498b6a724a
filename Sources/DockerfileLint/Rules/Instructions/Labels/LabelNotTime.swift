import Diagnostics
package import DockerfileSyntax

/// DL3053: a label that should be a time and is none.
package struct LabelNotTime: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3053", "label-not-time"), .warning, visits: [.label],
    summary: "a label that should be a time and is none")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    LabelSchema.check(
      instruction, .rfc3339, Self.metadata.code, context, &findings,
      message: "should be a time, like 2026-01-31T12:00:00Z",
      help: "write date, T, time, and Z or the distance to UTC", isValid: RFC3339Time.isValid)
  }

  package static var documentation: RuleDocumentation {
    let settings = LintSettings {
      $0.labelSchema = ["com.example.label": .rfc3339, "com.example.other": .text]
    }
    return RuleDocumentation(
      what: "A label of the type `rfc3339` in the settings whose value is no time as RFC 3339 writes it.",
      why: "Whoever reads the label, or a program that does, counts on the form that was agreed on.",
      instead: "Write date, T, time, and Z or the distance to UTC.",
      sources: ["https://github.com/hadolint/hadolint", "https://www.rfc-editor.org/rfc/rfc3339"],
      examples: [
        .bad(
          """
          FROM debian:12
          LABEL com.example.label=«"2026-01-31 12:00"» com.example.other=x

          """, settings: settings),
        .good(
          """
          FROM debian:12
          LABEL com.example.label="2026-01-31T12:00:00+01:00" com.example.other=x

          """, settings: settings),
        .good("FROM debian:12\nLABEL com.example.label=\"2026-01-31 12:00\"\n"),
      ],
      differences: [
        HadolintDifference(
          "A value that the build puts in for a variable cannot be judged before.",
          "FROM a:1\nARG V\nLABEL com.example.label=$V\n", ours: [], strict: [3], settings: settings),
        HadolintDifference(
          "In the form without `=` quotes are no part of the value, either.",
          "FROM a:1\nLABEL com.example.label \"2026-01-31T12:00:00+01:00\"\n", ours: [], strict: [2],
          settings: settings),
      ])
  }
}
