import Diagnostics

/// SC3024: `+=` in a POSIX shell.
package struct AppendingAssignment: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3024", "appending-assignment"), .warning, summary: "`+=` in a POSIX shell")
  package static let help: String? = #"write `x="$x…"`"#

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell does not know `+=`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`+=` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: #"Write `x="$x…"`."#,
      sources: ["https://www.shellcheck.net/wiki/SC3024"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN A=a; «»A+=b; echo "$A"

          """),
        .good(
          """
          FROM debian:12
          RUN A=a; A="${A}b"; echo "$A"

          """),
      ])
  }
}
