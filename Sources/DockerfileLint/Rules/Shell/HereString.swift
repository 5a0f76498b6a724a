import Diagnostics

/// SC3011: `<<<` in a POSIX shell.
package struct HereString: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3011", "here-string"), .warning, summary: "`<<<` in a POSIX shell")
  package static let help: String? = "write `printf … |`, or a here-document"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no here-strings" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`<<<` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Write `printf … |`, or a here-document.",
      sources: ["https://www.shellcheck.net/wiki/SC3011"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN tee /a «<<<» 'b'

          """),
        .good(
          """
          FROM debian:12
          RUN echo 'b' | tee /a

          """),
      ])
  }
}
