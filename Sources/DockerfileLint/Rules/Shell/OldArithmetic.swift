import Diagnostics

/// SC2007: `$[…]`.
package struct OldArithmetic: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2007", "old-arithmetic"), .style, summary: "`$[…]`")
  package static let help: String? = "write `$((…))`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this form of arithmetic is no longer described"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`$[…]`.",
      why: "Only bash keeps it, for old scripts.",
      instead: "Write `$((…))`.",
      sources: ["https://www.shellcheck.net/wiki/SC2007"],
      examples: [
        .bad(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN echo "«$[1 + 2]»"

          """),
        .good(
          """
          FROM debian:12
          RUN echo "$((1 + 2))"

          """),
      ])
  }
}
