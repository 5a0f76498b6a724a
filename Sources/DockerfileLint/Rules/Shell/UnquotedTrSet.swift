import Diagnostics

/// SC2060: a set for `tr` with brackets and without quotes.
package struct UnquotedTrSet: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2060", "unquoted-tr-set"), .warning,
    summary: "a set for `tr` with brackets and without quotes")
  package static let help: String? = "put it in quotes"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the shell may take this for a pattern of files"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A set for `tr` with brackets and without quotes.",
      why: "Where a file of one letter exists, the set is replaced by its name.",
      instead: "Put it in quotes.",
      sources: ["https://www.shellcheck.net/wiki/SC2060"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo a | tr -d «[:space:]»

          """),
        .good(
          """
          FROM debian:12
          RUN echo a | tr -d '[:space:]'

          """),
      ])
  }
}
