import Diagnostics

/// SC2097: an assignment before a command whose words read the variable.
package struct AssignmentForCommandOnly: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2097", "assignment-for-command-only"), .warning,
    summary: "an assignment before a command whose words read the variable")
  package static let help: String? = "assign in a command of its own"

  package init() {}

  package static func message(_ subject: String) -> String {
    "only the command sees this, not the words behind it"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An assignment before a command whose words read the variable.",
      why: "The shell puts values into the words before it assigns.",
      instead: "Assign in a command of its own.",
      sources: ["https://www.shellcheck.net/wiki/SC2097"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «A=1» b "$A"

          """),
        .good(
          """
          FROM debian:12
          RUN A=1; b "$A"

          """),
      ])
  }
}
