import Diagnostics

/// SC3012: `<` or `>` in a test in a POSIX shell.
package struct TextOrder: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3012", "text-order"), .warning, summary: "`<` or `>` in a test in a POSIX shell")
  package static let help: String? = "use `sort`, or bash with `[[ ]]`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "a POSIX test does not know `\(subject)` for the order of texts"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`<` or `>` in a test in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use `sort`, or bash with `[[ ]]`.",
      sources: ["https://www.shellcheck.net/wiki/SC3012"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN [ "$A" «>» b ] && c

          """),
        .good(
          """
          FROM debian:12
          RUN [ "$A" -gt 1 ] && c

          """),
      ])
  }
}
