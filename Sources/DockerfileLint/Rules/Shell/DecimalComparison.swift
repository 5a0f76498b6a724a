import Diagnostics

/// SC2072: a number with a point in a comparison of whole numbers.
package struct DecimalComparison: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2072", "decimal-comparison"), .error,
    summary: "a number with a point in a comparison of whole numbers")
  package static let help: String? = "compare with awk or bc"

  package init() {}

  package static func message(_ subject: String) -> String { "the shell compares whole numbers only" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A number with a point in a comparison of whole numbers.",
      why: "`test` refuses it.",
      instead: "Compare with awk or bc.",
      sources: ["https://www.shellcheck.net/wiki/SC2072"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN if [ "$A" -gt «1.5» ]; then a; fi

          """),
        .good(
          """
          FROM debian:12
          RUN if [ "$A" -gt 1 ]; then a; fi

          """),
      ])
  }
}
