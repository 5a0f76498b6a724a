import Diagnostics

/// SC3048: a signal with `SIG` before its name in a POSIX shell.
package struct SignalPrefix: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3048", "signal-prefix"), .warning,
    summary: "a signal with `SIG` before its name in a POSIX shell")
  package static let help: String? = "leave `SIG` out"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell wants the name without `SIG`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A signal with `SIG` before its name in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Leave `SIG` out.",
      sources: ["https://www.shellcheck.net/wiki/SC3048"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN trap 'a' «SIGINT»; b

          """),
        .good(
          """
          FROM debian:12
          RUN trap 'a' INT; b

          """),
      ])
  }
}
