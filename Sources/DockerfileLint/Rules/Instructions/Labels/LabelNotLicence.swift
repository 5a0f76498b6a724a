import Diagnostics
package import DockerfileSyntax

/// DL3054: a label that should be a licence and is none.
package struct LabelNotLicence: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3054", "label-not-licence"), .warning, visits: [.label],
    summary: "a label that should be a licence and is none")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    LabelSchema.check(
      instruction, .spdx, Self.metadata.code, context, &findings,
      message: "should be the id of a licence in the SPDX list",
      help: "write an id like Apache-2.0, in its letter case",
      isValid: { SPDXLicences.contains($0, isStrict: context.isStrict) })
  }

  package static var documentation: RuleDocumentation {
    let settings = LintSettings { $0.labelSchema = ["com.example.label": .spdx, "com.example.other": .text] }
    return RuleDocumentation(
      what: "A label of the type `spdx` in the settings whose value is no id of a licence in the SPDX list.",
      why: "Whoever reads the label, or a program that does, counts on the form that was agreed on.",
      instead:
        "Write one id of the list, in its letter case. Expressions such as `MIT OR Apache-2.0` are not taken.",
      sources: ["https://github.com/hadolint/hadolint", "https://spdx.org/licenses/"],
      examples: [
        .bad(
          """
          FROM debian:12
          LABEL com.example.label=«"Apache 2"» com.example.other=x

          """, settings: settings),
        .good(
          """
          FROM debian:12
          LABEL com.example.label="Apache-2.0" com.example.other=x

          """, settings: settings),
        .good("FROM debian:12\nLABEL com.example.label=\"Apache 2\"\n"),
      ],
      differences: [
        HadolintDifference(
          "The list has grown since the one that hadolint knows.",
          "FROM a:1\nLABEL com.example.label=TrustedQSL\n", ours: [], strict: [2], settings: settings),
        HadolintDifference(
          "A value that the build puts in for a variable cannot be judged before.",
          "FROM a:1\nARG V\nLABEL com.example.label=$V\n", ours: [], strict: [3], settings: settings),
        HadolintDifference(
          "In the form without `=` quotes are no part of the value, either.",
          "FROM a:1\nLABEL com.example.label \"Apache-2.0\"\n", ours: [], strict: [2], settings: settings),
      ])
  }
}
