import Diagnostics

/// SC2102: brackets with a character twice in them.
package struct BracketPatternAsText: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2102", "bracket-pattern-as-text"), .info,
    summary: "brackets with a character twice in them")
  package static let help: String? = "put the word in quotes if the brackets are text"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the shell reads the brackets as a pattern for one character"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "Brackets with a character twice in them.",
      why: """
        A file with a name of that form replaces the word. Brackets such as those of a Python package should \
        be in quotes.
        """,
      instead: "Put the word in quotes if the brackets are text.",
      sources: ["https://www.shellcheck.net/wiki/SC2102"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN pip install ludwig«[full]»==0.5

          """),
        .good(
          """
          FROM debian:12
          RUN pip install 'ludwig[full]==0.5'

          """),
      ])
  }
}
