import Diagnostics

/// SC3021: `>&` with the name of a file in a POSIX shell.
package struct DescriptorToFile: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3021", "descriptor-to-file"), .warning,
    summary: "`>&` with the name of a file in a POSIX shell")
  package static let help: String? = "write `> FILE 2>&1`"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell wants a number behind `>&`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`>&` with the name of a file in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Write `> FILE 2>&1`.",
      sources: ["https://www.shellcheck.net/wiki/SC3021"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a «>& /b»

          """),
        .good(
          """
          FROM debian:12
          RUN a > /b 2>&1

          """),
      ])
  }
}
