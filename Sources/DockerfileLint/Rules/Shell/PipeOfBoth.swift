import Diagnostics

/// SC3029: `|&` in a POSIX shell.
package struct PipeOfBoth: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3029", "pipe-of-both"), .warning, summary: "`|&` in a POSIX shell")
  package static let help: String? = "write `2>&1 |`"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell does not know `|&`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`|&` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Write `2>&1 |`.",
      sources: ["https://www.shellcheck.net/wiki/SC3029"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a «|&» b

          """),
        .good(
          """
          FROM debian:12
          RUN a 2>&1 | b

          """),
      ])
  }
}
