import Diagnostics

/// SC2161: `[ 1 ]`.
package struct OneInBrackets: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2161", "one-in-brackets"), .style, summary: "`[ 1 ]`")
  package static let help: String? = "write `true`"

  package init() {}

  package static func message(_ subject: String) -> String { "`true` says what is meant" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`[ 1 ]`.",
      why: "The brackets ask whether the word is empty; the word has no meaning.",
      instead: "Write `true`.",
      sources: ["https://www.shellcheck.net/wiki/SC2161"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN while [ «1» ]; do a || break; done

          """),
        .good(
          """
          FROM debian:12
          RUN while true; do a || break; done

          """),
      ])
  }
}
