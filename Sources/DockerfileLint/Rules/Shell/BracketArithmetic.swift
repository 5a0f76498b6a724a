import Diagnostics

/// SC3007: `$[…]` in a POSIX shell.
package struct BracketArithmetic: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3007", "bracket-arithmetic"), .warning, summary: "`$[…]` in a POSIX shell")
  package static let help: String? = "write `$((…))`"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell does not know `$[…]`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`$[…]` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Write `$((…))`.",
      sources: ["https://www.shellcheck.net/wiki/SC3007"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo "«$[1 + 2]»"

          """),
        .good(
          """
          FROM debian:12
          RUN echo "$((1 + 2))"

          """),
      ])
  }
}
