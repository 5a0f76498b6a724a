import Diagnostics

/// SC2062: a pattern for `grep` without quotes.
package struct UnquotedGrepPattern: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2062", "unquoted-grep-pattern"), .warning,
    summary: "a pattern for `grep` without quotes")
  package static let help: String? = "put it in quotes"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the shell may replace the pattern by names of files"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A pattern for `grep` without quotes.",
      why: "What `grep` looks for depends on the files in the working directory.",
      instead: "Put it in quotes.",
      sources: ["https://www.shellcheck.net/wiki/SC2062"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN grep «a*» /list

          """),
        .good(
          """
          FROM debian:12
          RUN grep 'a*' /list

          """),
      ])
  }
}
