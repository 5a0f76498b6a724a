import Diagnostics

/// SC2018: `a-z` for `tr`.
package struct TrLowerRange: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2018", "tr-lower-range"), .info, summary: "`a-z` for `tr`")
  package static let help: String? = "write `'[:lower:]'`"

  package init() {}

  package static func message(_ subject: String) -> String { "`a-z` leaves out letters with accents" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`a-z` for `tr`.",
      why: "The range depends on the language settings, and covers only the letters of English.",
      instead: "Write `'[:lower:]'`.",
      sources: ["https://www.shellcheck.net/wiki/SC2018"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo a | tr «a-z» x

          """),
        .good(
          """
          FROM debian:12
          RUN echo a | tr '[:lower:]' x

          """),
      ])
  }
}
