import Diagnostics

/// SC2117: `su` without a command.
package struct InteractiveSu: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2117", "interactive-su"), .info, summary: "`su` without a command")
  package static let help: String? = "write `su -c COMMAND USER`, or use USER"

  package init() {}

  package static func message(_ subject: String) -> String { "this waits for input as another user" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`su` without a command.",
      why: "What follows does not run in the new shell but behind it.",
      instead: "Write `su -c COMMAND USER`, or use USER.",
      sources: ["https://www.shellcheck.net/wiki/SC2117"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «su app»; a

          """),
        .good(
          """
          FROM debian:12
          RUN su -c a app

          """),
      ])
  }
}
