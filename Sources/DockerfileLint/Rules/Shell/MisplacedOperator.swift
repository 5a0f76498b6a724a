import Diagnostics

/// SC1070: an operator where a command has to stand.
package struct MisplacedOperator: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1070", "misplaced-operator"), .error,
    summary: "an operator where a command has to stand")
  package static let help: String? = "take the operator out, or put the command before it"

  package init() {}

  package static func message(_ subject: String) -> String { "there is no command before this operator" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An operator where a command has to stand.",
      why: "The shell cannot read the script, so the build stops here.",
      instead: "Take the operator out, or put the command before it.",
      sources: ["https://www.shellcheck.net/wiki/SC1070"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a ; «;» b

          """),
        .good(
          """
          FROM debian:12
          RUN a; b

          """),
      ])
  }
}
