import Diagnostics

/// SC3005: `for ((…))` in a POSIX shell.
package struct ArithmeticFor: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3005", "arithmetic-for"), .warning, summary: "`for ((…))` in a POSIX shell")
  package static let help: String? = "use `while`, or bash"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no arithmetic `for`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`for ((…))` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use `while`, or bash.",
      sources: ["https://www.shellcheck.net/wiki/SC3005"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «for» ((i = 0; i < 3; i++)); do a; done

          """),
        .good(
          """
          FROM debian:12
          RUN for i in 1 2 3; do echo "$i"; done

          """),
      ])
  }
}
