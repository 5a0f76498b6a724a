import Diagnostics
package import DockerfileSyntax

/// DL3052: a label that should be an address and is none.
package struct LabelNotURL: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3052", "label-not-url"), .warning, visits: [.label],
    summary: "a label that should be an address and is none")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    LabelSchema.check(
      instruction, .url, Self.metadata.code, context, &findings,
      message: "should be an address, like https://example.com/",
      help: "write the whole address, with its scheme", isValid: AbsoluteURI.isValid)
  }

  package static var documentation: RuleDocumentation {
    let settings = LintSettings { $0.labelSchema = ["com.example.label": .url, "com.example.other": .text] }
    return RuleDocumentation(
      what: "A label of the type `url` in the settings whose value is no absolute URI.",
      why: "Whoever reads the label, or a program that does, counts on the form that was agreed on.",
      instead: "Write the whole address, with its scheme.",
      sources: ["https://github.com/hadolint/hadolint", "https://www.rfc-editor.org/rfc/rfc3986"],
      examples: [
        .bad(
          """
          FROM debian:12
          LABEL com.example.label=«"example.com/a b"» com.example.other=x

          """, settings: settings),
        .good(
          """
          FROM debian:12
          LABEL com.example.label="https://example.com/a?b#c" com.example.other=x

          """, settings: settings),
        .good("FROM debian:12\nLABEL com.example.label=\"example.com/a b\"\n"),
      ],
      differences: [
        HadolintDifference(
          "A value that the build puts in for a variable cannot be judged before.",
          "FROM a:1\nARG V\nLABEL com.example.label=$V\n", ours: [], strict: [3], settings: settings),
        HadolintDifference(
          "In the form without `=` quotes are no part of the value, either.",
          "FROM a:1\nLABEL com.example.label \"https://example.com/a?b#c\"\n", ours: [], strict: [2],
          settings: settings),
      ])
  }
}
