import Diagnostics

/// SC2026: a word right behind a text in single quotes.
package struct WordOutsideQuotes: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2026", "word-outside-quotes"), .info,
    summary: "a word right behind a text in single quotes")
  package static let help: String? = #"close the quotes behind the word, or write `'\''` for a quote"#

  package init() {}

  package static func message(_ subject: String) -> String { "this word is outside of the quotes" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A word right behind a text in single quotes.",
      why: "A single quote cannot stand in a text in single quotes: it ends it.",
      instead: #"Close the quotes behind the word, or write `'\''` for a quote."#,
      sources: ["https://www.shellcheck.net/wiki/SC2026"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo 'a='«b»';'

          """),
        .good(
          """
          FROM debian:12
          RUN echo "a='b';"

          """),
      ])
  }
}
