import Diagnostics

/// SC2238: a redirection to a file that is named like a command.
package struct RedirectionToCommand: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2238", "redirection-to-command"), .warning,
    summary: "a redirection to a file that is named like a command")
  package static let help: String? = "write `|` for a pipe"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this is a file named `\(subject)`, not the command"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A redirection to a file that is named like a command.",
      why: "The output lands in a file.",
      instead: "Write `|` for a pipe.",
      sources: ["https://www.shellcheck.net/wiki/SC2238"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a > «sort»

          """),
        .good(
          """
          FROM debian:12
          RUN a | sort

          """),
      ])
  }
}
