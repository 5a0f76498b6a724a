import Diagnostics

/// SC2160: `[ true ]`.
package struct TrueInBrackets: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2160", "true-in-brackets"), .style, summary: "`[ true ]`")
  package static let help: String? = "leave the brackets out"

  package init() {}

  package static func message(_ subject: String) -> String { "`true` alone does the same" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`[ true ]`.",
      why: "The brackets ask whether the word is empty; the word has no meaning.",
      instead: "Leave the brackets out.",
      sources: ["https://www.shellcheck.net/wiki/SC2160"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN while [ «true» ]; do a || break; done

          """),
        .good(
          """
          FROM debian:12
          RUN while true; do a || break; done

          """),
      ])
  }
}
