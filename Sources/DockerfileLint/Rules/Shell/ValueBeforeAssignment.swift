import Diagnostics

/// SC2098: a variable in the words of a command that has its assignment before it.
package struct ValueBeforeAssignment: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2098", "value-before-assignment"), .warning,
    summary: "a variable in the words of a command that has its assignment before it")
  package static let help: String? = "assign in a command of its own"

  package init() {}

  package static func message(_ subject: String) -> String { "this is the value before the assignment" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A variable in the words of a command that has its assignment before it.",
      why: "The shell puts values into the words before it assigns.",
      instead: "Assign in a command of its own.",
      sources: ["https://www.shellcheck.net/wiki/SC2098"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN A=1 b "«$A»"

          """),
        .good(
          """
          FROM debian:12
          RUN A=1; b "$A"

          """),
      ])
  }
}
