import Diagnostics

/// SC2291: several blanks between arguments of `echo`.
package struct CollapsingBlanks: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2291", "collapsing-blanks"), .info,
    summary: "several blanks between arguments of `echo`")
  package static let help: String? = "put the text in quotes"

  package init() {}

  package static func message(_ subject: String) -> String { "the blanks become one" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "Several blanks between arguments of `echo`.",
      why: "`echo` puts one blank between its arguments, however many stand there.",
      instead: "Put the text in quotes.",
      sources: ["https://www.shellcheck.net/wiki/SC2291"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «echo a    b»

          """),
        .good(
          """
          FROM debian:12
          RUN echo 'a    b'

          """),
      ])
  }
}
