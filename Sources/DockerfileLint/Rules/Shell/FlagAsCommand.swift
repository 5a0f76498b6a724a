import Diagnostics

/// SC2215: a word with a dash as the name of a command.
package struct FlagAsCommand: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2215", "flag-as-command"), .warning,
    summary: "a word with a dash as the name of a command")
  package static let help: String? =
    "look for a line break or operator before it that should not be there, or for a flag that RUN does not have"

  package init() {}

  package static func message(_ subject: String) -> String { "this flag is run as a command" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A word with a dash as the name of a command.",
      why: "There is no such program, so the build stops here.",
      instead: """
        Look for a line break or operator before it that should not be there, or for a flag that RUN does \
        not have.
        """,
      sources: ["https://www.shellcheck.net/wiki/SC2215"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a; «--flag» b

          """),
        .good(
          """
          FROM debian:12
          RUN a --flag b

          """),
      ])
  }
}
