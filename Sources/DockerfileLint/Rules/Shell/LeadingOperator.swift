import Diagnostics

/// SC1133: a script that starts with `|`, `&` or `&&`.
package struct LeadingOperator: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1133", "leading-operator"), .error,
    summary: "a script that starts with `|`, `&` or `&&`")
  package static let help: String? = "take it away, or join the line to the one before"

  package init() {}

  package static func message(_ subject: String) -> String { "an operator cannot be first" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A script that starts with `|`, `&` or `&&`.",
      why: "The shell cannot read the script, so the build stops here.",
      instead: "Take it away, or join the line to the one before.",
      sources: ["https://www.shellcheck.net/wiki/SC1133"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «&»& a

          """),
        .good(
          """
          FROM debian:12
          RUN a && b

          """),
      ])
  }
}
