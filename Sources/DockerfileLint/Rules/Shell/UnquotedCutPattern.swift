import Diagnostics

/// SC2295: an expansion without quotes behind `#` or `%` in `${…}`.
package struct UnquotedCutPattern: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2295", "unquoted-cut-pattern"), .info,
    summary: "an expansion without quotes behind `#` or `%` in `${…}`")
  package static let help: String? = #"write `${x%"$y"}`"#

  package init() {}

  package static func message(_ subject: String) -> String { "characters of the value can be wildcards here" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An expansion without quotes behind `#` or `%` in `${…}`.",
      why: "Quotes around the outside do not make a text of it.",
      instead: #"Write `${x%"$y"}`."#,
      sources: ["https://www.shellcheck.net/wiki/SC2295"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN A=b.c; B=.c; echo "${A%«$B»}"

          """),
        .good(
          """
          FROM debian:12
          RUN A=b.c; B=.c; echo "${A%"$B"}"

          """),
      ])
  }
}
