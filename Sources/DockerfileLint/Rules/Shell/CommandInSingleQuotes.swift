import Diagnostics

/// SC2041: `for` over a text in single quotes.
package struct CommandInSingleQuotes: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2041", "command-in-single-quotes"), .warning,
    summary: "`for` over a text in single quotes")
  package static let help: String? = "write `$(…)` to loop over the output of a command"

  package init() {}

  package static func message(_ subject: String) -> String { "the loop runs once, with this text" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`for` over a text in single quotes.",
      why: "Single quotes do not run a command.",
      instead: "Write `$(…)` to loop over the output of a command.",
      sources: ["https://www.shellcheck.net/wiki/SC2041"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN for f in «'ls /a'»; do echo "$f"; done

          """),
        .good(
          """
          FROM debian:12
          RUN for f in /a/*; do echo "$f"; done

          """),
      ])
  }
}
