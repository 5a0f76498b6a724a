import Diagnostics

/// SC3026: `[^…]` in a pattern in a POSIX shell.
package struct CaretInBrackets: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3026", "caret-in-brackets"), .warning, summary: "`[^…]` in a pattern in a POSIX shell")
  package static let help: String? = "write `[!…]`"

  package init() {}

  package static func message(_ subject: String) -> String { "in a POSIX shell `!` turns a set round" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`[^…]` in a pattern in a POSIX shell.",
      why:
        "`/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means something else.",
      instead: "Write `[!…]`.",
      sources: ["https://www.shellcheck.net/wiki/SC3026"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN ls ./«[^a]»b

          """),
        .good(
          """
          FROM debian:12
          RUN ls ./[!a]b

          """),
      ])
  }
}
