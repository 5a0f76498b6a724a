import Diagnostics

/// SC3010: `[[ ]]` in a POSIX shell.
package struct DoubleBrackets: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3010", "double-brackets"), .warning, summary: "`[[ ]]` in a POSIX shell")
  package static let help: String? = "write `[ ]` with quotes, or use bash with SHELL"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no `[[ ]]`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`[[ ]]` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Write `[ ]` with quotes, or use bash with SHELL.",
      sources: ["https://www.shellcheck.net/wiki/SC3010"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN if «[[ -f /a ]]»; then b; fi

          """),
        .good(
          """
          FROM debian:12
          RUN if [ -f /a ]; then b; fi

          """),
      ])
  }
}
