import Diagnostics

/// SC2216: a pipe into a command that does not read its input.
package struct DeafCommand: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2216", "deaf-command"), .warning,
    summary: "a pipe into a command that does not read its input")
  package static let help: String? = "use `xargs`, or `;` and `&&` if no pipe is meant"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`\(subject)` does not read what comes through the pipe"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A pipe into a command that does not read its input.",
      why: "The output of the command before is lost.",
      instead: "Use `xargs`, or `;` and `&&` if no pipe is meant.",
      sources: ["https://www.shellcheck.net/wiki/SC2216"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN find /a | «rm»

          """),
        .good(
          """
          FROM debian:12
          RUN find /a -delete

          """),
      ])
  }
}
