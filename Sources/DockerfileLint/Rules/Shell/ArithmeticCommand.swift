import Diagnostics

/// SC3006: `((…))` in a POSIX shell.
package struct ArithmeticCommand: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3006", "arithmetic-command"), .warning, summary: "`((…))` in a POSIX shell")
  package static let help: String? = #"write `[ "$((…))" -ne 0 ]`"#

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no arithmetic command" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`((…))` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: #"Write `[ "$((…))" -ne 0 ]`."#,
      sources: ["https://www.shellcheck.net/wiki/SC3006"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «((A > 1))» && b

          """),
        .good(
          """
          FROM debian:12
          RUN [ "$A" -gt 1 ] && b

          """),
      ])
  }
}
