import Diagnostics

/// SC3057: `${x:1}` in a POSIX shell.
package struct TextSlice: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3057", "text-slice"), .warning, summary: "`${x:1}` in a POSIX shell")
  package static let help: String? = "use `cut`, `${x#…}` or `${x%…}`"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell cuts no texts by numbers" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`${x:1}` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use `cut`, `${x#…}` or `${x%…}`.",
      sources: ["https://www.shellcheck.net/wiki/SC3057"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo "«${A:0:3}»"

          """),
        .good(
          """
          FROM debian:12
          RUN echo "${A%.*}"

          """),
      ])
  }
}
