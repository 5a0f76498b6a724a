import Diagnostics

/// SC3016: `-v` in a test in a POSIX shell.
package struct TestOfVariable: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3016", "test-of-variable"), .warning, summary: "`-v` in a test in a POSIX shell")
  package static let help: String? = #"write `[ -n "${NAME+x}" ]`"#

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX test does not know `-v`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`-v` in a test in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: #"Write `[ -n "${NAME+x}" ]`."#,
      sources: ["https://www.shellcheck.net/wiki/SC3016"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN [ «-v» NAME ] && a

          """),
        .good(
          """
          FROM debian:12
          RUN [ -n "${NAME+x}" ] && a

          """),
      ])
  }
}
