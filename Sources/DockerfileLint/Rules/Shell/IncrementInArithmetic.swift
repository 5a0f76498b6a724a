import Diagnostics

/// SC3018: `++` or `--` in a POSIX shell.
package struct IncrementInArithmetic: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3018", "increment-in-arithmetic"), .warning, summary: "`++` or `--` in a POSIX shell")
  package static let help: String? = "write `$((x + 1))`"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell need not know `\(subject)`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`++` or `--` in a POSIX shell.",
      why:
        "`/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means something else.",
      instead: "Write `$((x + 1))`.",
      sources: ["https://www.shellcheck.net/wiki/SC3018"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN A=1; echo "$((A«++»))"

          """),
        .good(
          """
          FROM debian:12
          RUN A=1; echo "$((A + 1))"

          """),
      ])
  }
}
