import Diagnostics

/// SC2071: a number compared as a text.
package struct NumbersAsText: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2071", "numbers-as-text"), .error, summary: "a number compared as a text")
  package static let help: String? = "write `-lt` or `-gt`"

  package init() {}

  package static func message(_ subject: String) -> String { "`<` and `>` compare texts" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A number compared as a text.",
      why: "As a text 10 comes before 9. In single brackets it is even a redirection.",
      instead: "Write `-lt` or `-gt`.",
      sources: ["https://www.shellcheck.net/wiki/SC2071"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN if [ "$(nproc)" «>» 2 ]; then a; fi

          """),
        .good(
          """
          FROM debian:12
          RUN if [ "$(nproc)" -gt 2 ]; then a; fi

          """),
      ])
  }
}
