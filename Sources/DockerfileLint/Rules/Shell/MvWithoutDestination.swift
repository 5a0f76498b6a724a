import Diagnostics

/// SC2224: `mv` with one path.
package struct MvWithoutDestination: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2224", "mv-without-destination"), .error, summary: "`mv` with one path")
  package static let help: String? = "name the destination"

  package init() {}

  package static func message(_ subject: String) -> String { "there is no destination here" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`mv` with one path.",
      why: "`mv` refuses it.",
      instead: "Name the destination.",
      sources: ["https://www.shellcheck.net/wiki/SC2224"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «mv /a»

          """),
        .good(
          """
          FROM debian:12
          RUN mv /a /b

          """),
      ])
  }
}
