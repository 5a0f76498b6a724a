import Diagnostics

/// SC1065: parameters between the parentheses of a function.
package struct DeclaredParameters: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1065", "declared-parameters"), .error,
    summary: "parameters between the parentheses of a function")
  package static let help: String? = "write `name() { … }` and read `$1`, `$2`, …, or put text in quotes"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the parentheses behind a function's name stay empty"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "Parameters between the parentheses of a function.",
      why: "The shell cannot read it: the build stops here.",
      instead: "Write `name() { … }` and read `$1`, `$2`, …, or put text in quotes.",
      sources: ["https://www.shellcheck.net/wiki/SC1065"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN f«(»{0}' -f b)

          """),
        .good(
          """
          FROM debian:12
          RUN f() { echo a; }; f

          """),
      ])
  }
}
