import Diagnostics

/// SC2092: a command between backticks as a command.
package struct OutputAsCommandInBackticks: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2092", "output-as-command-in-backticks"), .warning,
    summary: "a command between backticks as a command")
  package static let help: String? = "leave the backticks out if the command itself is to run"

  package init() {}

  package static func message(_ subject: String) -> String { "what the command prints runs as a command" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A command between backticks as a command.",
      why: "The output is run, not the command, which is seldom meant.",
      instead: "Leave the backticks out if the command itself is to run.",
      sources: ["https://www.shellcheck.net/wiki/SC2092"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «`make`»

          """),
        .good(
          """
          FROM debian:12
          RUN make

          """),
      ])
  }
}
