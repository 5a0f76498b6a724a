import Diagnostics

/// SC2209: the name of a command as the value of a variable.
package struct CommandNameAsValue: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2209", "command-name-as-value"), .warning,
    summary: "the name of a command as the value of a variable")
  package static let help: String? = "write `$(…)` for the output, or put the text in quotes"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this assigns the text `\(subject)`, and runs nothing"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "The name of a command as the value of a variable.",
      why: "A blank behind the equals sign or `$( )` around the command is missing, most likely.",
      instead: "Write `$(…)` for the output, or put the text in quotes.",
      sources: ["https://www.shellcheck.net/wiki/SC2209"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «NOW=date»; echo "$NOW"

          """),
        .good(
          """
          FROM debian:12
          RUN NOW="$(date)"; echo "$NOW"

          """),
      ])
  }
}
