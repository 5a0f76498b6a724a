import Diagnostics

/// SC3028: a variable of bash in a POSIX shell.
package struct BashVariable: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3028", "bash-variable"), .warning, summary: "a variable of bash in a POSIX shell")
  package static let help: String? = "use a program that says it, such as `hostname` or `id -u`"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell does not set `\(subject)`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A variable of bash in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use a program that says it, such as `hostname` or `id -u`.",
      sources: ["https://www.shellcheck.net/wiki/SC3028"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo "«$RANDOM»"

          """),
        .good(
          """
          FROM debian:12
          RUN id -u

          """),
      ])
  }
}
