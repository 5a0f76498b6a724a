import Diagnostics

/// SC2024: a redirection behind `sudo`.
package struct RedirectionOfSudo: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2024", "redirection-of-sudo"), .warning, summary: "a redirection behind `sudo`")
  package static let help: String? = "write `… | sudo tee FILE`"

  package init() {}

  package static func message(_ subject: String) -> String { "the shell opens the file, not `sudo`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A redirection behind `sudo`.",
      why: "The redirection is done by the shell that starts `sudo`, with the rights that it has.",
      instead: "Write `… | sudo tee FILE`.",
      sources: ["https://www.shellcheck.net/wiki/SC2024"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN sudo echo a «>» /etc/a

          """),
        .good(
          """
          FROM debian:12
          RUN echo a | sudo tee /etc/a

          """),
      ])
  }
}
