import Diagnostics

/// SC2226: `ln` with one argument.
package struct LinkWithoutName: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2226", "link-without-name"), .warning, summary: "`ln` with one argument")
  package static let help: String? = "write the destination, `.` if it is the working directory"

  package init() {}

  package static func message(_ subject: String) -> String { "`ln` has no destination here" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`ln` with one argument.",
      why: "The link appears in the working directory, which in a build is easily another one.",
      instead: "Write the destination, `.` if it is the working directory.",
      sources: ["https://www.shellcheck.net/wiki/SC2226"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «ln -s /a»

          """),
        .good(
          """
          FROM debian:12
          RUN ln -s /a /b

          """),
      ])
  }
}
