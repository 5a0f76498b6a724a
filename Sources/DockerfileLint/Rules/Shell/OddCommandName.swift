import Diagnostics

/// SC2288: a command whose name ends with a character that names do not end with.
package struct OddCommandName: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2288", "odd-command-name"), .warning,
    summary: "a command whose name ends with a character that names do not end with")
  package static let help: String? = "look for a missing quote, or for syntax of another shell"

  package init() {}

  package static func message(_ subject: String) -> String {
    "a name that ends with `\(subject)` is run as a command"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A command whose name ends with a character that names do not end with.",
      why: "There is no such program, most likely; `%` is that of cmd.",
      instead: "Look for a missing quote, or for syntax of another shell.",
      sources: ["https://www.shellcheck.net/wiki/SC2288"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo %A%;«%B%»

          """),
        .good(
          """
          FROM debian:12
          RUN echo 'A;B'

          """),
      ])
  }
}
