import Diagnostics

/// SC2078: a constant as condition.
package struct ConstantCondition: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2078", "constant-condition"), .error, summary: "a constant as condition")
  package static let help: String? = "look for the `$` or the operator that is missing"

  package init() {}

  package static func message(_ subject: String) -> String { "a text that is not empty is always true" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A constant as condition.",
      why: "The condition decides nothing.",
      instead: "Look for the `$` or the operator that is missing.",
      sources: ["https://www.shellcheck.net/wiki/SC2078"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN [ «NAME» ] && a

          """),
        .good(
          """
          FROM debian:12
          RUN [ "$NAME" ] && a

          """),
      ])
  }
}
