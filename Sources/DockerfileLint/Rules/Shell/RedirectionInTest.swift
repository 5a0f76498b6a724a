import Diagnostics

/// SC2065: a redirection among the arguments of `test`.
package struct RedirectionInTest: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2065", "redirection-in-test"), .warning,
    summary: "a redirection among the arguments of `test`")
  package static let help: String? = "write `-lt` or `-gt`"

  package init() {}

  package static func message(_ subject: String) -> String { "this is a redirection, not a comparison" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A redirection among the arguments of `test`.",
      why: "The shell writes to a file of that name, and `test` never sees it.",
      instead: "Write `-lt` or `-gt`.",
      sources: ["https://www.shellcheck.net/wiki/SC2065"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN test "$A" «> 3» && b

          """),
        .good(
          """
          FROM debian:12
          RUN test "$A" -gt 3 && b

          """),
      ])
  }
}
