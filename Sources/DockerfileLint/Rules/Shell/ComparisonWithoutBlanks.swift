import Diagnostics

/// SC2077: a comparison without blanks around its operator.
package struct ComparisonWithoutBlanks: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2077", "comparison-without-blanks"), .error,
    summary: "a comparison without blanks around its operator")
  package static let help: String? = "write blanks around the operator"

  package init() {}

  package static func message(_ subject: String) -> String { "without blanks this is one text, and true" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A comparison without blanks around its operator.",
      why: "A test of one word asks whether it is empty.",
      instead: "Write blanks around the operator.",
      sources: ["https://www.shellcheck.net/wiki/SC2077"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN if [ "$A"«=»"b" ]; then a; fi

          """),
        .good(
          """
          FROM debian:12
          RUN if [ "$A" = "b" ]; then a; fi

          """),
      ])
  }
}
