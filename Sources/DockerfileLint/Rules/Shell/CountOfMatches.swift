import Diagnostics

/// SC2126: the output of grep counted by wc.
package struct CountOfMatches: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2126", "count-of-matches"), .style, summary: "the output of grep counted by wc")
  package static let help: String? = "write `grep -c`"

  package init() {}

  package static func message(_ subject: String) -> String { "grep can count" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "The output of grep counted by wc.",
      why: "One process does it.",
      instead: "Write `grep -c`.",
      sources: ["https://www.shellcheck.net/wiki/SC2126"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «grep a /b» | wc -l

          """),
        .good(
          """
          FROM debian:12
          RUN grep -c a /b

          """),
      ])
  }
}
