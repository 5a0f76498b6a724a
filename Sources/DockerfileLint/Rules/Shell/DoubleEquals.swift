import Diagnostics

/// SC3014: `==` in a test in a POSIX shell.
package struct DoubleEquals: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3014", "double-equals"), .warning, fix: .safe,
    summary: "`==` in a test in a POSIX shell")
  package static let help: String? = "write `=`"
  package static let fixTitle: String? = "write `=`"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX test knows `=`, not `==`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`==` in a test in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Write `=`.",
      fixSafety: "Safe: `=` is the same in every shell.",
      sources: ["https://www.shellcheck.net/wiki/SC3014"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN [ "$A" «==» b ]

          """,
          fixed: """
            FROM debian:12
            RUN [ "$A" = b ]

            """),
        .good(
          """
          FROM debian:12
          RUN [ "$A" = b ]

          """),
      ])
  }
}
