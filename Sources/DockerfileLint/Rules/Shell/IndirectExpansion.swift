import Diagnostics

/// SC3053: `${!x}` in a POSIX shell.
package struct IndirectExpansion: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3053", "indirect-expansion"), .warning, summary: "`${!x}` in a POSIX shell")
  package static let help: String? = "use `case` or `eval`"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no indirect expansion" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`${!x}` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use `case` or `eval`.",
      sources: ["https://www.shellcheck.net/wiki/SC3053"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo "«${!A}»"

          """),
        .good(
          """
          FROM debian:12
          RUN echo "${A}"

          """),
      ])
  }
}
