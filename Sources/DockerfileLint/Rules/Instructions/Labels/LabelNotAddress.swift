import Diagnostics
package import DockerfileSyntax

/// DL3058: a label that should be a mail address and is none.
package struct LabelNotAddress: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3058", "label-not-address"), .warning, visits: [.label],
    summary: "a label that should be a mail address and is none")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    LabelSchema.check(
      instruction, .email, Self.metadata.code, context, &findings,
      message: "should be a mail address, like ada@example.com",
      help: "write the address alone, without a name", isValid: MailAddress.isValid)
  }

  package static var documentation: RuleDocumentation {
    let settings = LintSettings {
      $0.labelSchema = ["com.example.label": .email, "com.example.other": .text]
    }
    return RuleDocumentation(
      what:
        "A label of the type `email` in the settings whose value is no mail address as RFC 5322 writes it.",
      why: "Whoever reads the label, or a program that does, counts on the form that was agreed on.",
      instead: "Write the address alone, without a name.",
      sources: ["https://github.com/hadolint/hadolint", "https://www.rfc-editor.org/rfc/rfc5322"],
      examples: [
        .bad(
          """
          FROM debian:12
          LABEL com.example.label=«"Ada <ada@example.com>"» com.example.other=x

          """, settings: settings),
        .good(
          """
          FROM debian:12
          LABEL com.example.label="ada@example.com" com.example.other=x

          """, settings: settings),
        .good("FROM debian:12\nLABEL com.example.label=\"Ada <ada@example.com>\"\n"),
      ],
      differences: [
        HadolintDifference(
          "A value that the build puts in for a variable cannot be judged before.",
          "FROM a:1\nARG V\nLABEL com.example.label=$V\n", ours: [], strict: [3], settings: settings),
        HadolintDifference(
          "In the form without `=` quotes are no part of the value, either.",
          "FROM a:1\nLABEL com.example.label \"ada@example.com\"\n", ours: [], strict: [2], settings: settings
        ),
      ])
  }
}
