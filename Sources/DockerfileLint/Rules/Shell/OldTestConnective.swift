import Diagnostics

/// SC2166: `-a` or `-o` in a test.
package struct OldTestConnective: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2166", "old-test-connective"), .warning, summary: "`-a` or `-o` in a test")
  package static let help: String? = "write `[ a ] && [ b ]`, or `||`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`\(subject)` is not well defined: it depends on the number of words"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`-a` or `-o` in a test.",
      why: "With certain values of the variables the expression means something else.",
      instead: "Write `[ a ] && [ b ]`, or `||`.",
      sources: ["https://www.shellcheck.net/wiki/SC2166"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN [ -f /a «-a» -f /b ]

          """),
        .good(
          """
          FROM debian:12
          RUN [ -f /a ] && [ -f /b ]

          """),
      ])
  }
}
