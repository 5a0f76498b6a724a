import Diagnostics

/// SC2272: `==` in the name of a command.
package struct ComparisonInName: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2272", "comparison-in-name"), .error, summary: "`==` in the name of a command")
  package static let help: String? = #"write `[ "$x" = y ]`"#

  package init() {}

  package static func message(_ subject: String) -> String {
    "this is no comparison but the name of a command"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`==` in the name of a command.",
      why: "The shell looks for a program of that name.",
      instead: #"Write `[ "$x" = y ]`."#,
      sources: ["https://www.shellcheck.net/wiki/SC2272"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «$A==b» && c

          """),
        .good(
          """
          FROM debian:12
          RUN [ "$A" = b ] && c

          """),
      ])
  }
}
