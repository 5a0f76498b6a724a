import Diagnostics

/// SC3035: `` `<file` `` in a POSIX shell.
package struct FileInBackticks: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3035", "file-in-backticks"), .warning, summary: "`` `<file` `` in a POSIX shell")
  package static let help: String? = "write `$(cat FILE)`"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell gives nothing here" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`` `<file` `` in a POSIX shell.",
      why:
        "`/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means something else.",
      instead: "Write `$(cat FILE)`.",
      sources: ["https://www.shellcheck.net/wiki/SC3035"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a "«`< /b`»"

          """),
        .good(
          """
          FROM debian:12
          RUN a "$(cat /b)"

          """),
      ])
  }
}
