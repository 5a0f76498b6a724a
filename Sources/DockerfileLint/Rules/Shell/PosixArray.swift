import Diagnostics

/// SC3030: an array in a POSIX shell.
package struct PosixArray: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3030", "posix-array"), .warning, summary: "an array in a POSIX shell")
  package static let help: String? = "use the positional parameters, or bash"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no arrays" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An array in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use the positional parameters, or bash.",
      sources: ["https://www.shellcheck.net/wiki/SC3030"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN A=«(a b)»; echo "${A}"

          """),
        .good(
          """
          FROM debian:12
          RUN set -- a b; echo "$1"

          """),
      ])
  }
}
