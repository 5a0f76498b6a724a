import Diagnostics

/// SC2081: a pattern in a comparison in `[ ]`.
package struct PatternInTest: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2081", "pattern-in-test"), .error, summary: "a pattern in a comparison in `[ ]`")
  package static let help: String? = "write `case`, or `[[ ]]` in bash"

  package init() {}

  package static func message(_ subject: String) -> String { "`[` compares texts, not patterns" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A pattern in a comparison in `[ ]`.",
      why: "The shell expands the pattern to names of files, and the test compares those.",
      instead: "Write `case`, or `[[ ]]` in bash.",
      sources: ["https://www.shellcheck.net/wiki/SC2081"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN [ "$A" = «b*» ] && c

          """),
        .good(
          """
          FROM debian:12
          RUN case "$A" in b*) c ;; esac

          """),
      ])
  }
}
