import Diagnostics

/// SC1110: a typographic quote outside of quotes.
package struct TypographicQuote: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1110", "typographic-quote"), .warning,
    summary: "a typographic quote outside of quotes")
  package static let help: String? = "type `\"` or `'`; inside of quotes it is a letter"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this quote is a typographic one, which is a letter like any other to a shell"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "One of the quotes “ ” ‘ ’ ″ ‶ outside of quotes.",
      why:
        "It quotes nothing: words are split, and the quote is part of the text. It comes with texts that are copied from a web page or a word processor.",
      instead: "Type the plain quote, or put the word into plain quotes if the letter is meant.",
      sources: ["https://www.shellcheck.net/wiki/SC1110"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo «“»a b«”»

          """),
        .good(
          """
          FROM debian:12
          RUN echo "a b"

          """),
      ])
  }
}
