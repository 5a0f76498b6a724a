import Diagnostics

/// SC2211: a pattern as the name of a command.
package struct PatternAsCommand: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2211", "pattern-as-command"), .warning, summary: "a pattern as the name of a command")
  package static let help: String? = "write the name"

  package init() {}

  package static func message(_ subject: String) -> String { "the first file that matches is run" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A pattern as the name of a command.",
      why: "What runs depends on what lies in the folder.",
      instead: "Write the name.",
      sources: ["https://www.shellcheck.net/wiki/SC2211"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «./install*»

          """),
        .good(
          """
          FROM debian:12
          RUN ./install.sh

          """),
      ])
  }
}
