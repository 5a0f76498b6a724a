import Diagnostics

/// SC2236: `! -z` or `! -n`.
package struct NegatedEmptiness: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2236", "negated-emptiness"), .style, isOff: true, summary: "`! -z` or `! -n`")
  package static let help: String? = "write `-n` for `! -z`, `-z` for `! -n`"

  package init() {}

  package static func message(_ subject: String) -> String { "`\(subject)` says the same without a negation" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`! -z` or `! -n`.",
      why: "It is shorter. ShellCheck has it off by default since 0.11.",
      instead: "Write `-n` for `! -z`, `-z` for `! -n`.",
      sources: ["https://www.shellcheck.net/wiki/SC2236"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN [ «!» -z "$A" ]

          """),
        .good(
          """
          FROM debian:12
          RUN [ -n "$A" ]

          """),
      ])
  }
}
