import Diagnostics

/// SC2241: `exit` with several arguments.
package struct SeveralStatuses: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2241", "several-statuses"), .error, summary: "`exit` with several arguments")
  package static let help: String? = "write one number"

  package init() {}

  package static func message(_ subject: String) -> String { "a status is one number" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`exit` with several arguments.",
      why: "A shell takes it for an error and gives a status of its own.",
      instead: "Write one number.",
      sources: ["https://www.shellcheck.net/wiki/SC2241"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a || exit «/b 1»

          """),
        .good(
          """
          FROM debian:12
          RUN a || exit 1

          """),
      ])
  }
}
