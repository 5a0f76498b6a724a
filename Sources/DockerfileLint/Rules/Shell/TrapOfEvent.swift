import Diagnostics

/// SC3047: `trap` with ERR, DEBUG or RETURN in a POSIX shell.
package struct TrapOfEvent: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3047", "trap-of-event"), .warning,
    summary: "`trap` with ERR, DEBUG or RETURN in a POSIX shell")
  package static let help: String? = "use EXIT"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no `\(subject)` to trap" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`trap` with ERR, DEBUG or RETURN in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use EXIT.",
      sources: ["https://www.shellcheck.net/wiki/SC3047"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN trap 'a' «ERR»; b

          """),
        .good(
          """
          FROM debian:12
          RUN trap 'a' EXIT; b

          """),
      ])
  }
}
