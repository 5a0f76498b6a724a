import Diagnostics

/// SC2283: a command with `=` as its first argument.
package struct BlanksAroundEquals: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2283", "blanks-around-equals"), .error,
    summary: "a command with `=` as its first argument")
  package static let help: String? = "leave the blanks out to assign, or use `[ ]` to compare"

  package init() {}

  package static func message(_ subject: String) -> String {
    "with blanks around the `=` this is a command, not an assignment"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A command with `=` as its first argument.",
      why: "The shell looks for a program of that name.",
      instead: "Leave the blanks out to assign, or use `[ ]` to compare.",
      sources: ["https://www.shellcheck.net/wiki/SC2283"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN NAME «=» a

          """),
        .good(
          """
          FROM debian:12
          RUN NAME=a; echo "$NAME"

          """),
      ])
  }
}
