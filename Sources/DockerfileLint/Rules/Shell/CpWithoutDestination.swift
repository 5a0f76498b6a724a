import Diagnostics

/// SC2225: `cp` with one path.
package struct CpWithoutDestination: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2225", "cp-without-destination"), .error, summary: "`cp` with one path")
  package static let help: String? = "name the destination"

  package init() {}

  package static func message(_ subject: String) -> String { "there is no destination here" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`cp` with one path.",
      why: "`cp` refuses it.",
      instead: "Name the destination.",
      sources: ["https://www.shellcheck.net/wiki/SC2225"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «cp /a»

          """),
        .good(
          """
          FROM debian:12
          RUN cp /a /b

          """),
      ])
  }
}
