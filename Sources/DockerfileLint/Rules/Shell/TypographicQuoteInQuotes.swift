import Diagnostics

/// SC1111: a typographic double quote in double quotes.
package struct TypographicQuoteInQuotes: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1111", "typographic-quote-in-quotes"), .warning,
    summary: "a typographic double quote in double quotes")
  package static let help: String? = "type `\\\"` if a quote is meant"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this quote is a typographic one, which ends no text"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "One of the quotes “ ” ″ ‶ in double quotes or in a here-document.",
      why: "It is a letter: what looks like the end of the text is not.",
      instead: "Type the plain quote, or take single quotes if the letter is meant.",
      sources: ["https://www.shellcheck.net/wiki/SC1111"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo "«“»a«”»"

          """),
        .good(
          """
          FROM debian:12
          RUN echo '“a”'

          """),
      ])
  }
}
