import Diagnostics

/// SC3044: a builtin of bash in a POSIX shell.
package struct BashBuiltin: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3044", "bash-builtin"), .warning, summary: "a builtin of bash in a POSIX shell")
  package static let help: String? = "use bash with SHELL, or another way"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no `\(subject)`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A builtin of bash in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use bash with SHELL, or another way.",
      sources: ["https://www.shellcheck.net/wiki/SC3044"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «pushd /a» && b

          """),
        .good(
          """
          FROM debian:12
          RUN cd /a && b

          """),
      ])
  }
}
