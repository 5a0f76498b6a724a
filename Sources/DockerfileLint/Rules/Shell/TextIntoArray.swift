import Diagnostics

/// SC2178: a text for a variable that is an array.
package struct TextIntoArray: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2178", "text-into-array"), .warning, summary: "a text for a variable that is an array")
  package static let help: String? = "write `x=(…)`, or use another name"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this changes the first element of `\(subject)` alone"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A text for a variable that is an array.",
      why: "Without an index bash sets the first element.",
      instead: "Write `x=(…)`, or use another name.",
      sources: ["https://www.shellcheck.net/wiki/SC2178"],
      examples: [
        .bad(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN A=(a b); «A=c»; d "${A[@]}"

          """),
        .good(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN A=(a b); A=(c); d "${A[@]}"

          """),
      ])
  }
}
