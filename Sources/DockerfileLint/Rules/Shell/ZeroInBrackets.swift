import Diagnostics

/// SC2159: `[ 0 ]`.
package struct ZeroInBrackets: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2159", "zero-in-brackets"), .error, summary: "`[ 0 ]`")
  package static let help: String? = "write `false`"

  package init() {}

  package static func message(_ subject: String) -> String { "a text that is not empty is true" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`[ 0 ]`.",
      why: "The brackets ask whether the word is empty.",
      instead: "Write `false`.",
      sources: ["https://www.shellcheck.net/wiki/SC2159"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN if [ «0» ]; then a; fi

          """),
        .good(
          """
          FROM debian:12
          RUN if false; then a; fi

          """),
      ])
  }
}
