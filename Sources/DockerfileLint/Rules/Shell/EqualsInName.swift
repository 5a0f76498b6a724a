import Diagnostics

/// SC2276: an equals sign in the name of a command.
package struct EqualsInName: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2276", "equals-in-name"), .error, summary: "an equals sign in the name of a command")
  package static let help: String? = "write a name of letters, digits and underscores before the `=`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this is no assignment but the name of a command"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An equals sign in the name of a command.",
      why: "The shell looks for a program of that name.",
      instead: "Write a name of letters, digits and underscores before the `=`.",
      sources: ["https://www.shellcheck.net/wiki/SC2276"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «a-b=c» && d

          """),
        .good(
          """
          FROM debian:12
          RUN a_b=c d

          """),
      ])
  }
}
