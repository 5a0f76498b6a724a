import Diagnostics

/// SC3059: `${x^^}` or `${x,,}` in a POSIX shell.
package struct CaseChange: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3059", "case-change"), .warning, summary: "`${x^^}` or `${x,,}` in a POSIX shell")
  package static let help: String? = "use `tr`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "a POSIX shell does not change the case of letters"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`${x^^}` or `${x,,}` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use `tr`.",
      sources: ["https://www.shellcheck.net/wiki/SC3059"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo "«${A^^}»"

          """),
        .good(
          """
          FROM debian:12
          RUN echo "$A" | tr '[:lower:]' '[:upper:]'

          """),
      ])
  }
}
