import Diagnostics

/// SC1112: a typographic single quote in single quotes.
package struct TypographicApostropheInQuotes: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1112", "typographic-apostrophe-in-quotes"), .warning,
    summary: "a typographic single quote in single quotes")
  package static let help: String? = "take double quotes if the letter is meant"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this quote is a typographic one, which ends no text"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "One of the quotes ‘ ’ in single quotes.",
      why: "It is a letter: what looks like the end of the text is not.",
      instead: "Type the plain quote, or take double quotes if the letter is meant.",
      sources: ["https://www.shellcheck.net/wiki/SC1112"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo 'it«’»s'

          """),
        .good(
          """
          FROM debian:12
          RUN echo "it’s"

          """),
      ])
  }
}
