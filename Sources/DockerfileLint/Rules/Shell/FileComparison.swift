import Diagnostics

/// SC3013: `-nt`, `-ot` or `-ef` in a POSIX shell.
package struct FileComparison: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3013", "file-comparison"), .warning, summary: "`-nt`, `-ot` or `-ef` in a POSIX shell")
  package static let help: String? = "use `find -newer`"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX test does not know `\(subject)`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`-nt`, `-ot` or `-ef` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use `find -newer`.",
      sources: ["https://www.shellcheck.net/wiki/SC3013"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN [ /a «-nt» /b ] && c

          """),
        .good(
          """
          FROM debian:12
          RUN [ -f /a ] && c

          """),
      ])
  }
}
