import Diagnostics

/// SC2210: a redirection to a file whose name is a number.
package struct RedirectionToNumber: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2210", "redirection-to-number"), .warning,
    summary: "a redirection to a file whose name is a number")
  package static let help: String? = "write `>&1` for a descriptor, `-gt` for a comparison"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this writes or reads a file whose name is a number"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A redirection to a file whose name is a number.",
      why: "A file named `1` appears, and the output is in it.",
      instead: "Write `>&1` for a descriptor, `-gt` for a comparison.",
      sources: ["https://www.shellcheck.net/wiki/SC2210"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a «2>1»

          """),
        .good(
          """
          FROM debian:12
          RUN a 2>&1

          """),
      ])
  }
}
