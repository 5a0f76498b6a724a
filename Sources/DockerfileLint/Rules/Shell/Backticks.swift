import Diagnostics

/// SC2006: a command between backticks.
package struct Backticks: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2006", "backticks"), .style, fix: .safe, summary: "a command between backticks")
  package static let help: String? = "write `$(…)`"
  package static let fixTitle: String? = "write `$(…)`"

  package init() {}

  package static func message(_ subject: String) -> String { "backticks are the old way to write `$(…)`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A command between backticks.",
      why: """
        Backticks change what a backslash means inside them and cannot be nested without escapes.
        """,
      instead: "Write `$(…)`.",
      fixSafety: """
        Safe: it is given where nothing inside is escaped or a comment, so that both forms mean the same.
        """,
      sources: ["https://www.shellcheck.net/wiki/SC2006"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo "«`date`»"

          """,
          fixed: """
            FROM debian:12
            RUN echo "$(date)"

            """),
        .good(
          """
          FROM debian:12
          RUN echo "$(date)"

          """),
      ])
  }
}
