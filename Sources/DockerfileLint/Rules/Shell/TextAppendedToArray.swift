import Diagnostics

/// SC2179: a text appended to an array.
package struct TextAppendedToArray: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2179", "text-appended-to-array"), .warning, summary: "a text appended to an array")
  package static let help: String? = "write `x+=(…)`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this changes the first element of `\(subject)` alone"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A text appended to an array.",
      why: "Without parentheses bash appends to the text of the first element.",
      instead: "Write `x+=(…)`.",
      sources: ["https://www.shellcheck.net/wiki/SC2179"],
      examples: [
        .bad(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN A=(a b); «A+=c»; d "${A[@]}"

          """),
        .good(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN A=(a b); A+=(c); d "${A[@]}"

          """),
      ])
  }
}
