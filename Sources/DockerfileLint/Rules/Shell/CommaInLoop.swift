import Diagnostics

/// SC2042: `for` over one word with commas.
package struct CommaInLoop: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2042", "comma-in-loop"), .warning, summary: "`for` over one word with commas")
  package static let help: String? = "write blanks between the words"

  package init() {}

  package static func message(_ subject: String) -> String { "commas do not separate words" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`for` over one word with commas.",
      why: "The shell separates words at blanks, so that the loop runs once.",
      instead: "Write blanks between the words.",
      sources: ["https://www.shellcheck.net/wiki/SC2042"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN for f in «a,b,c»; do echo "$f"; done

          """),
        .good(
          """
          FROM debian:12
          RUN for f in a b c; do echo "$f"; done

          """),
      ])
  }
}
