import Diagnostics

/// SC3004: `$"…"` in a POSIX shell.
package struct TranslatedText: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3004", "translated-text"), .warning, summary: #"`$"…"` in a POSIX shell"#)
  package static let help: String? = "leave the dollar sign out"

  package init() {}

  package static func message(_ subject: String) -> String { #"a POSIX shell does not know `$"…"`"# }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: #"`$"…"` in a POSIX shell."#,
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Leave the dollar sign out.",
      sources: ["https://www.shellcheck.net/wiki/SC3004"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo «$"a"»

          """),
        .good(
          """
          FROM debian:12
          RUN echo "a"

          """),
      ])
  }
}
