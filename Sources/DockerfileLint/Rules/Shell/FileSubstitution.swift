import Diagnostics

/// SC3034: `$(<file)` in a POSIX shell.
package struct FileSubstitution: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3034", "file-substitution"), .warning, summary: "`$(<file)` in a POSIX shell")
  package static let help: String? = "write `$(cat file)`"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell does not read the file here" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`$(<file)` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Write `$(cat file)`.",
      sources: ["https://www.shellcheck.net/wiki/SC3034"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo "«$(</a)»"

          """),
        .good(
          """
          FROM debian:12
          RUN cat /a

          """),
      ])
  }
}
