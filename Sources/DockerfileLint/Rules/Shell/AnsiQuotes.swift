import Diagnostics

/// SC3003: `$'…'` in a POSIX shell.
package struct AnsiQuotes: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3003", "ansi-quotes"), .warning, summary: "`$'…'` in a POSIX shell")
  package static let help: String? = "use `printf`, or bash"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell does not know `$'…'`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`$'…'` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use `printf`, or bash.",
      sources: ["https://www.shellcheck.net/wiki/SC3003"],
      examples: [
        .bad(
          #"""
          FROM debian:12
          RUN echo «$'a\tb'»

          """#),
        .good(
          #"""
          FROM debian:12
          RUN printf 'a\tb\n'

          """#),
      ])
  }
}
