import Diagnostics

/// SC2004: a `$` before a name in arithmetic.
package struct DollarInArithmetic: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2004", "dollar-in-arithmetic"), .style, summary: "a `$` before a name in arithmetic")
  package static let help: String? = "leave the `$` out"

  package init() {}

  package static func message(_ subject: String) -> String { "arithmetic knows names without `$`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A `$` before a name in arithmetic.",
      why: "The dollar is not needed, and the value is put into the text before it is read.",
      instead: "Leave the `$` out.",
      sources: ["https://www.shellcheck.net/wiki/SC2004"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN A=1; echo "$((«$A» + 1))"

          """),
        .good(
          """
          FROM debian:12
          RUN A=1; echo "$((A + 1))"

          """),
      ])
  }
}
