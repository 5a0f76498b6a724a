import Diagnostics

/// SC2066: `for` over one text in double quotes.
package struct QuotedLoopWords: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2066", "quoted-loop-words"), .error, summary: "`for` over one text in double quotes")
  package static let help: String? = #"leave the quotes out, or use `"$@"`"#

  package init() {}

  package static func message(_ subject: String) -> String {
    "the quotes make it one word, so the loop runs once"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`for` over one text in double quotes.",
      why: "The loop sees the whole text at once.",
      instead: #"Leave the quotes out, or use `"$@"`."#,
      sources: ["https://www.shellcheck.net/wiki/SC2066"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN for f in «"$LIST"»; do echo "$f"; done

          """),
        .good(
          """
          FROM debian:12
          RUN for f in a b; do echo "$f"; done

          """),
      ])
  }
}
