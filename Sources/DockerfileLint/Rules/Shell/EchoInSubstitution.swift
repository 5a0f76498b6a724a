import Diagnostics

/// SC2116: `$(echo …)`.
package struct EchoInSubstitution: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2116", "echo-in-substitution"), .style, summary: "`$(echo …)`")
  package static let help: String? = "write the text itself"

  package init() {}

  package static func message(_ subject: String) -> String { "the substitution gives what `echo` was given" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`$(echo …)`.",
      why: "It starts a shell for nothing.",
      instead: "Write the text itself.",
      sources: ["https://www.shellcheck.net/wiki/SC2116"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a "«$(echo "$X")»"

          """),
        .good(
          """
          FROM debian:12
          RUN a "$X"

          """),
      ])
  }
}
