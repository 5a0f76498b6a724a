import Diagnostics

/// SC2019: `A-Z` for `tr`.
package struct TrUpperRange: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2019", "tr-upper-range"), .info, summary: "`A-Z` for `tr`")
  package static let help: String? = "write `'[:upper:]'`"

  package init() {}

  package static func message(_ subject: String) -> String { "`A-Z` leaves out letters with accents" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`A-Z` for `tr`.",
      why: "The range depends on the language settings, and covers only the letters of English.",
      instead: "Write `'[:upper:]'`.",
      sources: ["https://www.shellcheck.net/wiki/SC2019"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo A | tr «A-Z» x

          """),
        .good(
          """
          FROM debian:12
          RUN echo A | tr '[:upper:]' x

          """),
      ])
  }
}
