import Diagnostics

/// SC2059: a variable in the format of `printf`.
package struct VariableInFormat: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2059", "variable-in-format"), .info, summary: "a variable in the format of `printf`")
  package static let help: String? = #"write `printf '%s' "$x"`"#

  package init() {}

  package static func message(_ subject: String) -> String {
    "a `%` or a backslash in the value changes the format"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A variable in the format of `printf`.",
      why: "The format is a small language; a value from elsewhere should be an argument.",
      instead: #"Write `printf '%s' "$x"`."#,
      sources: ["https://www.shellcheck.net/wiki/SC2059"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN printf «"$TEXT"»

          """),
        .good(
          """
          FROM debian:12
          RUN printf '%s' "$TEXT"

          """),
      ])
  }
}
