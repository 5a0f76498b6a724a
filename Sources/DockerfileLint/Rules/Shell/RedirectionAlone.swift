import Diagnostics

/// SC2188: a redirection without a command.
package struct RedirectionAlone: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2188", "redirection-alone"), .warning, summary: "a redirection without a command")
  package static let help: String? = "write `: > FILE`, or move it to its command"

  package init() {}

  package static func message(_ subject: String) -> String { "there is no command here" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A redirection without a command.",
      why: "It empties or makes the file and does nothing else.",
      instead: "Write `: > FILE`, or move it to its command.",
      sources: ["https://www.shellcheck.net/wiki/SC2188"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «> /log»

          """),
        .good(
          """
          FROM debian:12
          RUN : > /log

          """),
      ])
  }
}
