import Diagnostics

/// SC2003: `expr` for what the shell can do itself.
package struct OldExpr: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2003", "old-expr"), .style, summary: "`expr` for what the shell can do itself")
  package static let help: String? = "write `$((…))` for numbers, `${…}` or `case` for texts"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`expr` is a program of its own for what the shell can do"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`expr` for what the shell can do itself.",
      why: "It starts a process for each expression, and its operators need care with quotes.",
      instead: "Write `$((…))` for numbers, `${…}` or `case` for texts.",
      sources: ["https://www.shellcheck.net/wiki/SC2003"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo "$(«expr» 1 + 2)"

          """),
        .good(
          """
          FROM debian:12
          RUN echo "$((1 + 2))"

          """),
      ])
  }
}
