import Diagnostics

/// SC2271: an assignment to a name that is put together.
package struct ComposedName: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2271", "composed-name"), .error, summary: "an assignment to a name that is put together"
  )
  package static let help: String? = "use another variable, or `case`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this is no assignment but the name of a command"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An assignment to a name that is put together.",
      why: "The shell sees an assignment only where the name is written out.",
      instead: "Use another variable, or `case`.",
      sources: ["https://www.shellcheck.net/wiki/SC2271"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «A$B=c»

          """),
        .good(
          """
          FROM debian:12
          RUN A=c b

          """),
      ])
  }
}
