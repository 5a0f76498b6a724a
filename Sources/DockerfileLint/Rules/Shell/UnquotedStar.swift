import Diagnostics

/// SC2048: `$*` without quotes.
package struct UnquotedStar: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2048", "unquoted-star"), .warning, summary: "`$*` without quotes")
  package static let help: String? = #"write `"$@"`"#

  package init() {}

  package static func message(_ subject: String) -> String { "the arguments are split again" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`$*` without quotes.",
      why: "Arguments with blanks in them fall apart.",
      instead: #"Write `"$@"`."#,
      sources: ["https://www.shellcheck.net/wiki/SC2048"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN f() { ls «$*»; }; f 'a b'

          """),
        .good(
          """
          FROM debian:12
          RUN f() { ls "$@"; }; f 'a b'

          """),
      ])
  }
}
