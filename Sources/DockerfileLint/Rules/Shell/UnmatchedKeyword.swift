import Diagnostics

/// SC1089: a closing word that belongs to nothing.
package struct UnmatchedKeyword: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1089", "unmatched-keyword"), .error, summary: "a closing word that belongs to nothing")
  package static let help: String? = "look for the `if`, `do`, `{` or `(` that is missing"

  package init() {}

  package static func message(_ subject: String) -> String { "nothing before this belongs to it" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A closing word that belongs to nothing.",
      why: "The shell cannot read the script, so the build stops here.",
      instead: "Look for the `if`, `do`, `{` or `(` that is missing.",
      sources: ["https://www.shellcheck.net/wiki/SC1089"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a; «f»i

          """),
        .good(
          """
          FROM debian:12
          RUN if a; then b; fi

          """),
      ])
  }
}
