import Diagnostics

/// SC2063: a grep pattern that starts with a star.
package struct PatternAsExpression: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2063", "pattern-as-expression"), .warning,
    summary: "a grep pattern that starts with a star")
  package static let help: String? = "write `.*`, or leave the star out"

  package init() {}

  package static func message(_ subject: String) -> String {
    "grep reads regular expressions, and this is a pattern for names"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A grep pattern that starts with a star.",
      why: "A star repeats what stands before it, and here nothing does.",
      instead: "Write `.*`, or leave the star out.",
      sources: ["https://www.shellcheck.net/wiki/SC2063"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN grep «'*foo*'» /a

          """),
        .good(
          """
          FROM debian:12
          RUN grep 'foo' /a

          """),
      ])
  }
}
