import Diagnostics

/// SC3032: `coproc` in a POSIX shell.
package struct Coprocess: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3032", "coprocess"), .warning, summary: "`coproc` in a POSIX shell")
  package static let help: String? = "use a named pipe"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no coprocesses" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`coproc` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use a named pipe.",
      sources: ["https://www.shellcheck.net/wiki/SC3032"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «coproc a»

          """),
        .good(
          """
          FROM debian:12
          RUN mkfifo /a

          """),
      ])
  }
}
