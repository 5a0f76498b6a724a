import Diagnostics
package import DockerfileSyntax

/// DL3056: a label that should be a semantic version and is none.
package struct LabelNotVersion: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3056", "label-not-version"), .warning, visits: [.label],
    summary: "a label that should be a semantic version and is none")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    LabelSchema.check(
      instruction, .semver, Self.metadata.code, context, &findings,
      message: "should be a semantic version, like 1.2.3 or 1.2.3-rc.1",
      help: "write three numbers with dots between them, and no v in front", isValid: SemanticVersion.isValid)
  }

  package static var documentation: RuleDocumentation {
    let settings = LintSettings {
      $0.labelSchema = ["com.example.label": .semver, "com.example.other": .text]
    }
    return RuleDocumentation(
      what: "A label of the type `semver` in the settings whose value is no semantic version.",
      why: "Whoever reads the label, or a program that does, counts on the form that was agreed on.",
      instead: "Write three numbers with dots between them, and no v in front.",
      sources: ["https://github.com/hadolint/hadolint", "https://semver.org/"],
      examples: [
        .bad(
          """
          FROM debian:12
          LABEL com.example.label=«"v1.2"» com.example.other=x

          """, settings: settings),
        .good(
          """
          FROM debian:12
          LABEL com.example.label="1.2.3-rc.1+build.5" com.example.other=x

          """, settings: settings),
        .good("FROM debian:12\nLABEL com.example.label=\"v1.2\"\n"),
      ],
      differences: [
        HadolintDifference(
          "A value that the build puts in for a variable cannot be judged before.",
          "FROM a:1\nARG V\nLABEL com.example.label=$V\n", ours: [], strict: [3], settings: settings),
        HadolintDifference(
          "In the form without `=` quotes are no part of the value, either.",
          "FROM a:1\nLABEL com.example.label \"1.2.3-rc.1+build.5\"\n", ours: [], strict: [2],
          settings: settings),
      ])
  }
}
