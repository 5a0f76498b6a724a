import Diagnostics

/// SC2254: an expansion without quotes as a pattern of `case`.
package struct UnquotedCasePattern: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2254", "unquoted-case-pattern"), .warning,
    summary: "an expansion without quotes as a pattern of `case`")
  package static let help: String? = "put it between quotes"

  package init() {}

  package static func message(_ subject: String) -> String { "characters of the value can be wildcards here" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An expansion without quotes as a pattern of `case`.",
      why: "Without quotes the value is a pattern.",
      instead: "Put it between quotes.",
      sources: ["https://www.shellcheck.net/wiki/SC2254"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN case "$A" in «$B») c ;; esac

          """),
        .good(
          """
          FROM debian:12
          RUN case "$A" in "$B") c ;; esac

          """),
      ])
  }
}
