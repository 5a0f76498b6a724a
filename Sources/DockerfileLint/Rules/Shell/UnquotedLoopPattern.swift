import Diagnostics

/// SC2231: a variable without quotes in a pattern that `for` goes over.
package struct UnquotedLoopPattern: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2231", "unquoted-loop-pattern"), .info,
    summary: "a variable without quotes in a pattern that `for` goes over")
  package static let help: String? = #"write `"$x"/*`"#

  package init() {}

  package static func message(_ subject: String) -> String { "a blank in the value splits the pattern" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A variable without quotes in a pattern that `for` goes over.",
      why: "Quotes around the expansion keep its value together, and the pattern still works.",
      instead: #"Write `"$x"/*`."#,
      sources: ["https://www.shellcheck.net/wiki/SC2231"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN for f in «$A»/*; do echo "$f"; done

          """),
        .good(
          """
          FROM debian:12
          RUN for f in "$A"/*; do echo "$f"; done

          """),
      ])
  }
}
