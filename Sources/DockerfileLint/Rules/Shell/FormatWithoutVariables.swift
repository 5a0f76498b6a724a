import Diagnostics

/// SC2182: arguments for a format that has no place for them.
package struct FormatWithoutVariables: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2182", "format-without-variables"), .error,
    summary: "arguments for a format that has no place for them")
  package static let help: String? = "put `%s` into the format"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the format has no variables, so the arguments are ignored"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "Arguments for a format that has no place for them.",
      why: "The text is not printed.",
      instead: "Put `%s` into the format.",
      sources: ["https://www.shellcheck.net/wiki/SC2182"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN printf «'a'» "$X"

          """),
        .good(
          """
          FROM debian:12
          RUN printf 'a%s' "$X"

          """),
      ])
  }
}
