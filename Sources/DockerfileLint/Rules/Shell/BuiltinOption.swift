import Diagnostics

/// SC3045: an option that the builtins of a POSIX shell do not have.
package struct BuiltinOption: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3045", "builtin-option"), .warning,
    summary: "an option that the builtins of a POSIX shell do not have")
  package static let help: String? = "leave it out, or use bash with SHELL"

  package init() {}

  package static func message(_ subject: String) -> String { "POSIX does not have `\(subject)`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An option that the builtins of a POSIX shell do not have.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Leave it out, or use bash with SHELL.",
      sources: ["https://www.shellcheck.net/wiki/SC3045"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN read -r «-s» a < /b; echo "$a"

          """),
        .good(
          """
          FROM debian:12
          RUN read -r a < /b; echo "$a"

          """),
      ])
  }
}
