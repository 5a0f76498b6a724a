import Diagnostics

/// SC3002: an extended pattern in a POSIX shell.
package struct ExtendedPattern: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3002", "extended-pattern"), .warning, summary: "an extended pattern in a POSIX shell")
  package static let help: String? = "use `case` or `find`, or bash"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no extended patterns" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An extended pattern in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use `case` or `find`, or bash.",
      sources: ["https://www.shellcheck.net/wiki/SC3002"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN ls «@(a|b)»

          """),
        .good(
          """
          FROM debian:12
          RUN ls a b

          """),
      ])
  }
}
