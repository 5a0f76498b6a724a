import Diagnostics

/// SC2286: an empty text as the name of a command.
package struct EmptyCommand: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2286", "empty-command"), .error, summary: "an empty text as the name of a command")
  package static let help: String? = "leave it out, or write `true`"

  package init() {}

  package static func message(_ subject: String) -> String { "the empty text is run as a command" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An empty text as the name of a command.",
      why: "There is no such program, so the build stops here.",
      instead: "Leave it out, or write `true`.",
      sources: ["https://www.shellcheck.net/wiki/SC2286"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «""» a

          """),
        .good(
          """
          FROM debian:12
          RUN true

          """),
      ])
  }
}
