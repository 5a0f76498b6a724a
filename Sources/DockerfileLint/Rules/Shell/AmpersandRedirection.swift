import Diagnostics

/// SC3020: `&>` in a POSIX shell.
package struct AmpersandRedirection: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3020", "ampersand-redirection"), .warning, summary: "`&>` in a POSIX shell")
  package static let help: String? = "write `> FILE 2>&1`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "a POSIX shell reads `&` and `>` here, one after the other"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`&>` in a POSIX shell.",
      why: "dash runs the command in the background and empties the file.",
      instead: "Write `> FILE 2>&1`.",
      sources: ["https://www.shellcheck.net/wiki/SC3020"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a «&> /b»

          """),
        .good(
          """
          FROM debian:12
          RUN a > /b 2>&1

          """),
      ])
  }
}
