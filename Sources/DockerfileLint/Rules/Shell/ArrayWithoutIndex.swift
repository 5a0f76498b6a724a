import Diagnostics

/// SC2128: an array without an index.
package struct ArrayWithoutIndex: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2128", "array-without-index"), .warning, summary: "an array without an index")
  package static let help: String? = #"write `"${x[@]}"` for all elements"#

  package init() {}

  package static func message(_ subject: String) -> String {
    "this is the first element of `\(subject)` alone"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An array without an index.",
      why: "Without an index bash takes the first element.",
      instead: #"Write `"${x[@]}"` for all elements."#,
      sources: ["https://www.shellcheck.net/wiki/SC2128"],
      examples: [
        .bad(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN A=(a b); c "«$A»"

          """),
        .good(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN A=(a b); c "${A[@]}"

          """),
      ])
  }
}
