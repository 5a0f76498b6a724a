import Diagnostics

/// SC2158: `[ false ]`.
package struct FalseInBrackets: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2158", "false-in-brackets"), .error, summary: "`[ false ]`")
  package static let help: String? = "leave the brackets out"

  package init() {}

  package static func message(_ subject: String) -> String { "a text that is not empty is true" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`[ false ]`.",
      why: "The brackets ask whether the word is empty.",
      instead: "Leave the brackets out.",
      sources: ["https://www.shellcheck.net/wiki/SC2158"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN if [ «false» ]; then a; fi

          """),
        .good(
          """
          FROM debian:12
          RUN if false; then a; fi

          """),
      ])
  }
}
