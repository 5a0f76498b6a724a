import Diagnostics

/// SC2281: a `$` before the name in an assignment.
package struct DollarOnTheLeft: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2281", "dollar-on-the-left"), .error, summary: "a `$` before the name in an assignment")
  package static let help: String? = "leave the `$` out"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this is no assignment but the name of a command"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A `$` before the name in an assignment.",
      why: "The shell puts the value in, and takes the result for a command.",
      instead: "Leave the `$` out.",
      sources: ["https://www.shellcheck.net/wiki/SC2281"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «$A»=b; c "$A"

          """),
        .good(
          """
          FROM debian:12
          RUN A=b; c "$A"

          """),
      ])
  }
}
