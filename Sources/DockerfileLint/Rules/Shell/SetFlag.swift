import Diagnostics

/// SC3041: a flag of `set` that POSIX does not have.
package struct SetFlag: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3041", "set-flag"), .warning, summary: "a flag of `set` that POSIX does not have")
  package static let help: String? = "use bash with SHELL"

  package init() {}

  package static func message(_ subject: String) -> String { "not every POSIX shell knows `set -\(subject)`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A flag of `set` that POSIX does not have.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use bash with SHELL.",
      sources: ["https://www.shellcheck.net/wiki/SC3041"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN set «-E»; a

          """),
        .good(
          """
          FROM debian:12
          RUN set -e; a

          """),
      ])
  }
}
