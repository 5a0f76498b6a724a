import Diagnostics

/// SC3049: a signal in small letters in a POSIX shell.
package struct SignalInSmallLetters: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3049", "signal-in-small-letters"), .warning,
    summary: "a signal in small letters in a POSIX shell")
  package static let help: String? = "write it in capitals"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell wants signals in capitals" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A signal in small letters in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Write it in capitals.",
      sources: ["https://www.shellcheck.net/wiki/SC3049"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN trap 'a' «int»; b

          """),
        .good(
          """
          FROM debian:12
          RUN trap 'a' INT; b

          """),
      ])
  }
}
