import Diagnostics

/// SC2091: a command substitution as a command.
package struct OutputAsCommand: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2091", "output-as-command"), .warning, summary: "a command substitution as a command")
  package static let help: String? = "leave `$( )` out if the command itself is to run"

  package init() {}

  package static func message(_ subject: String) -> String { "what the command prints runs as a command" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A command substitution as a command.",
      why: "The output is run, not the command, which is seldom meant.",
      instead: "Leave `$( )` out if the command itself is to run.",
      sources: ["https://www.shellcheck.net/wiki/SC2091"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «$(make)»

          """),
        .good(
          """
          FROM debian:12
          RUN make

          """),
      ])
  }
}
