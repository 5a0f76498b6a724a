import Diagnostics

/// SC3060: `${x/a/b}` in a POSIX shell.
package struct TextReplacement: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3060", "text-replacement"), .warning, summary: "`${x/a/b}` in a POSIX shell")
  package static let help: String? = "use `sed`"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell replaces nothing in texts" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`${x/a/b}` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use `sed`.",
      sources: ["https://www.shellcheck.net/wiki/SC3060"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo "«${A/b/c}»"

          """),
        .good(
          """
          FROM debian:12
          RUN echo "$A" | sed s/b/c/

          """),
      ])
  }
}
