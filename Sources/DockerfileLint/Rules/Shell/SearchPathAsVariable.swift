import Diagnostics

/// SC2123: a value of PATH without the folders of programs.
package struct SearchPathAsVariable: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2123", "search-path-as-variable"), .warning,
    summary: "a value of PATH without the folders of programs")
  package static let help: String? = "use another name"

  package init() {}

  package static func message(_ subject: String) -> String { "PATH is where the shell looks for programs" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A value of PATH without the folders of programs.",
      why: "Afterwards no program is found.",
      instead: "Use another name.",
      sources: ["https://www.shellcheck.net/wiki/SC2123"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «PATH=/app»; ls "$PATH"

          """),
        .good(
          """
          FROM debian:12
          RUN APP=/app; ls "$APP"

          """),
      ])
  }
}
