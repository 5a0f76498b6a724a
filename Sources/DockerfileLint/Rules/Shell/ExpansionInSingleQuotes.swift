import Diagnostics

/// SC2016: `$` or backticks in single quotes.
package struct ExpansionInSingleQuotes: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2016", "expansion-in-single-quotes"), .info,
    summary: "`$` or backticks in single quotes")
  package static let help: String? =
    "use double quotes if the value is wanted; leave it if another program is to see the text"

  package init() {}

  package static func message(_ subject: String) -> String { "nothing is expanded in single quotes" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`$` or backticks in single quotes.",
      why: """
        The text goes on as it is, with the dollar sign. That is right for a program that expands it later \
        and wrong for most others.
        """,
      instead: """
        Use double quotes if the value is wanted; leave it if another program is to see the text.
        """,
      sources: ["https://www.shellcheck.net/wiki/SC2016"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo «'$HOME'»

          """),
        .good(
          """
          FROM debian:12
          RUN echo "$HOME"

          """),
      ])
  }
}
