import Diagnostics

/// SC3008: `select` in a POSIX shell.
package struct SelectLoop: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3008", "select-loop"), .warning, summary: "`select` in a POSIX shell")
  package static let help: String? = "use another loop"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no `select`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`select` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use another loop.",
      sources: ["https://www.shellcheck.net/wiki/SC3008"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «select» i in a b; do echo "$i"; done

          """),
        .good(
          """
          FROM debian:12
          RUN for i in a b; do echo "$i"; done

          """),
      ])
  }
}
