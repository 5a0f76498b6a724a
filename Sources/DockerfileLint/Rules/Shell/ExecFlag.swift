import Diagnostics

/// SC3038: flags of `exec` in a POSIX shell.
package struct ExecFlag: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3038", "exec-flag"), .warning, summary: "flags of `exec` in a POSIX shell")
  package static let help: String? = "leave them out"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX `exec` has no flags" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "Flags of `exec` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Leave them out.",
      sources: ["https://www.shellcheck.net/wiki/SC3038"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN exec «-a» b c

          """),
        .good(
          """
          FROM debian:12
          RUN exec c

          """),
      ])
  }
}
