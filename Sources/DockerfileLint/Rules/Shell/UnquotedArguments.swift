import Diagnostics

/// SC2068: `$@` without quotes.
package struct UnquotedArguments: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2068", "unquoted-arguments"), .error, summary: "`$@` without quotes")
  package static let help: String? = #"write `"$@"`"#

  package init() {}

  package static func message(_ subject: String) -> String { "arguments with blanks fall apart here" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`$@` without quotes.",
      why: "Without quotes each argument is split and matched against files.",
      instead: #"Write `"$@"`."#,
      sources: ["https://www.shellcheck.net/wiki/SC2068"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN f() { ls «$@»; }; f 'a b'

          """),
        .good(
          """
          FROM debian:12
          RUN f() { ls "$@"; }; f 'a b'

          """),
      ])
  }
}
