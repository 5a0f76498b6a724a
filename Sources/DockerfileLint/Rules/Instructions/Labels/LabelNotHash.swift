import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3055: a label that should be a commit and is none.
package struct LabelNotHash: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3055", "label-not-hash"), .warning, visits: [.label],
    summary: "a label that should be a commit and is none")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    LabelSchema.check(
      instruction, .hash, Self.metadata.code, context, &findings,
      message: "should be a git commit: 40 or 7 digits, of 0 to 9 and a to f",
      help: "write what `git rev-parse HEAD` prints", isValid: Self.isHash)
  }

  private static func isHash(_ text: [UInt8]) -> Bool {
    (text.count == 40 || text.count == 7) && text.allSatisfy { $0.isASCIIDigit || ($0 >= 0x61 && $0 <= 0x66) }
  }

  package static var documentation: RuleDocumentation {
    let settings = LintSettings { $0.labelSchema = ["com.example.label": .hash, "com.example.other": .text] }
    return RuleDocumentation(
      what:
        "A label of the type `hash` in the settings whose value is neither 40 nor 7 hexadecimal digits in small letters.",
      why: "Whoever reads the label, or a program that does, counts on the form that was agreed on.",
      instead: "Write what `git rev-parse HEAD` prints, with or without `--short=7`.",
      sources: ["https://github.com/hadolint/hadolint", "https://git-scm.com/docs/git-rev-parse"],
      examples: [
        .bad(
          """
          FROM debian:12
          LABEL com.example.label=«"main"» com.example.other=x

          """, settings: settings),
        .good(
          """
          FROM debian:12
          LABEL com.example.label="0123abc" com.example.other=x

          """, settings: settings),
        .good("FROM debian:12\nLABEL com.example.label=\"main\"\n"),
      ],
      differences: [
        HadolintDifference(
          "A value that the build puts in for a variable cannot be judged before.",
          "FROM a:1\nARG V\nLABEL com.example.label=$V\n", ours: [], strict: [3], settings: settings),
        HadolintDifference(
          "In the form without `=` quotes are no part of the value, either.",
          "FROM a:1\nLABEL com.example.label \"0123abc\"\n", ours: [], strict: [2], settings: settings),
      ])
  }
}
