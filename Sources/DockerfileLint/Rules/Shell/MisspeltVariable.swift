import Diagnostics

/// SC2153: a variable without a value whose name is almost that of another one.
package struct MisspeltVariable: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2153", "misspelt-variable"), .info,
    summary: "a variable without a value whose name is almost that of another one")
  package static let help: String? = "write the name that is meant"

  package init() {}

  package static func message(_ subject: String) -> String {
    "nothing gives this a value; is `\(subject)` meant?"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A variable without a value whose name is almost that of another one.",
      why: "Without a value it is empty.",
      instead: "Write the name that is meant.",
      sources: ["https://www.shellcheck.net/wiki/SC2153"],
      examples: [
        .bad(
          """
          FROM debian:12
          ARG RELEASE
          RUN a "«$RELEAS»"

          """),
        .good(
          """
          FROM debian:12
          ARG RELEASE
          RUN a "$RELEASE"

          """),
      ])
  }
}
