import Diagnostics

/// SC2021: brackets around a set for `tr`.
package struct TrBrackets: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2021", "tr-brackets"), .info, summary: "brackets around a set for `tr`")
  package static let help: String? = "leave the brackets out"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`tr` takes the brackets for characters of the set"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "Brackets around a set for `tr`.",
      why: "`tr` needs none: `[a-c]` also replaces the brackets themselves.",
      instead: "Leave the brackets out.",
      sources: ["https://www.shellcheck.net/wiki/SC2021"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo a | tr -d «'[0-9]'»

          """),
        .good(
          """
          FROM debian:12
          RUN echo a | tr -d '0-9'

          """),
      ])
  }
}
