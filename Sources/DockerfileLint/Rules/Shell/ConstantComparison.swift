import Diagnostics

/// SC2050: a comparison of two constants.
package struct ConstantComparison: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2050", "constant-comparison"), .warning, summary: "a comparison of two constants")
  package static let help: String? = "look for the `$` that is missing"

  package init() {}

  package static func message(_ subject: String) -> String {
    "both sides are constant, so the result is always the same"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A comparison of two constants.",
      why: "The condition decides nothing.",
      instead: "Look for the `$` that is missing.",
      sources: ["https://www.shellcheck.net/wiki/SC2050"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN [ HOME «=» /root ]

          """),
        .good(
          """
          FROM debian:12
          RUN [ "$HOME" = /root ]

          """),
      ])
  }
}
