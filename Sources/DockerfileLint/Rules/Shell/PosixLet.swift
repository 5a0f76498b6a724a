import Diagnostics

/// SC3039: `let` in a POSIX shell.
package struct PosixLet: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3039", "posix-let"), .warning, summary: "`let` in a POSIX shell")
  package static let help: String? = "write `x=$((…))`"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no `let`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`let` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Write `x=$((…))`.",
      sources: ["https://www.shellcheck.net/wiki/SC3039"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «let A=1»

          """),
        .good(
          """
          FROM debian:12
          RUN A=$((1)); echo "$A"

          """),
      ])
  }
}
