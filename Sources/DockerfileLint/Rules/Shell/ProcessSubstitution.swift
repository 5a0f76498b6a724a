import Diagnostics

/// SC3001: `<(…)` or `>(…)` in a POSIX shell.
package struct ProcessSubstitution: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3001", "process-substitution"), .warning, summary: "`<(…)` or `>(…)` in a POSIX shell")
  package static let help: String? = "use a file or a pipe, or bash"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no process substitution" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`<(…)` or `>(…)` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use a file or a pipe, or bash.",
      sources: ["https://www.shellcheck.net/wiki/SC3001"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN diff «<(a)» /b

          """),
        .good(
          """
          FROM debian:12
          RUN a | diff - /b

          """),
      ])
  }
}
