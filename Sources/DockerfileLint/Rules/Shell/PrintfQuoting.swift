import Diagnostics

/// SC3050: `%q` for `printf` in a POSIX shell.
package struct PrintfQuoting: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3050", "printf-quoting"), .warning, summary: "`%q` for `printf` in a POSIX shell")
  package static let help: String? = "use bash with SHELL"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX `printf` has no `%q`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`%q` for `printf` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use bash with SHELL.",
      sources: ["https://www.shellcheck.net/wiki/SC3050"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN printf «'%q'» "$A"

          """),
        .good(
          """
          FROM debian:12
          RUN printf '%s' "$A"

          """),
      ])
  }
}
