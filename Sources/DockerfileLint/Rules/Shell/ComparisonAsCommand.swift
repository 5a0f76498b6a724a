import Diagnostics

/// SC2284: a command with `==` as its first argument.
package struct ComparisonAsCommand: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2284", "comparison-as-command"), .error,
    summary: "a command with `==` as its first argument")
  package static let help: String? = "write `[ a = b ]`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "without brackets this is a command, not a comparison"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A command with `==` as its first argument.",
      why: "The shell looks for a program of that name.",
      instead: "Write `[ a = b ]`.",
      sources: ["https://www.shellcheck.net/wiki/SC2284"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «NAME == a» && b

          """),
        .good(
          """
          FROM debian:12
          RUN [ "$NAME" = a ] && b

          """),
      ])
  }
}
