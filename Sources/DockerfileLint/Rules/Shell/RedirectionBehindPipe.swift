import Diagnostics

/// SC2189: a redirection that stands alone in a pipe.
package struct RedirectionBehindPipe: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2189", "redirection-behind-pipe"), .error,
    summary: "a redirection that stands alone in a pipe")
  package static let help: String? = "write the redirection behind its command"

  package init() {}

  package static func message(_ subject: String) -> String { "there is no command on this side of the pipe" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A redirection that stands alone in a pipe.",
      why: "Nothing reads or writes the pipe.",
      instead: "Write the redirection behind its command.",
      sources: ["https://www.shellcheck.net/wiki/SC2189"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a | «> /log»

          """),
        .good(
          """
          FROM debian:12
          RUN a > /log

          """),
      ])
  }
}
