import Diagnostics

/// SC3015: `=~` in a POSIX shell.
package struct RegularExpressionMatch: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3015", "regular-expression-match"), .warning, summary: "`=~` in a POSIX shell")
  package static let help: String? = "use `case`, `expr` or `grep`"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no `=~`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`=~` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use `case`, `expr` or `grep`.",
      sources: ["https://www.shellcheck.net/wiki/SC3015"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN [[ "$A" «=~» ^b ]]

          """),
        .good(
          """
          FROM debian:12
          RUN case "$A" in b*) c ;; esac

          """),
      ])
  }
}
