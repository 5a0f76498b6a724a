import Diagnostics

/// SC2053: an unquoted variable on the right side of a comparison in `[[ ]]`.
package struct PatternOnTheRight: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2053", "pattern-on-the-right"), .warning,
    summary: "an unquoted variable on the right side of a comparison in `[[ ]]`")
  package static let help: String? = "put it in double quotes to compare texts"

  package init() {}

  package static func message(_ subject: String) -> String { "the right side is taken for a pattern" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An unquoted variable on the right side of a comparison in `[[ ]]`.",
      why: "A value with `*` or `[` in it matches more or less than itself.",
      instead: "Put it in double quotes to compare texts.",
      sources: ["https://www.shellcheck.net/wiki/SC2053"],
      examples: [
        .bad(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN [[ "$A" == «$B» ]]

          """),
        .good(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN [[ "$A" == "$B" ]]

          """),
      ])
  }
}
