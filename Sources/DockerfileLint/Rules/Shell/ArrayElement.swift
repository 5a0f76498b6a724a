import Diagnostics

/// SC3054: an element of an array in a POSIX shell.
package struct ArrayElement: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3054", "array-element"), .warning, summary: "an element of an array in a POSIX shell")
  package static let help: String? = "use the positional parameters, or bash"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no arrays" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An element of an array in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use the positional parameters, or bash.",
      sources: ["https://www.shellcheck.net/wiki/SC3054"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo "«${A[0]}»"

          """),
        .good(
          """
          FROM debian:12
          RUN echo "$A"

          """),
      ])
  }
}
