import Diagnostics

/// SC2170: a text where a comparison needs a number.
package struct TextAsNumber: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2170", "text-as-number"), .error, summary: "a text where a comparison needs a number")
  package static let help: String? = "write `=` or `!=` to compare texts"

  package init() {}

  package static func message(_ subject: String) -> String { "`\(subject)` compares numbers" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A text where a comparison needs a number.",
      why: "`test` refuses a text.",
      instead: "Write `=` or `!=` to compare texts.",
      sources: ["https://www.shellcheck.net/wiki/SC2170"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN if [ "$A" -eq «true» ]; then a; fi

          """),
        .good(
          """
          FROM debian:12
          RUN if [ "$A" = true ]; then a; fi

          """),
      ])
  }
}
