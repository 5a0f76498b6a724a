import Diagnostics

/// SC2146: an action of find behind `-o`.
package struct UngroupedFind: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2146", "ungrouped-find"), .warning, summary: "an action of find behind `-o`")
  package static let help: String? = #"write `\( … \)` around the tests"#

  package init() {}

  package static func message(_ subject: String) -> String { "the action goes with the last test alone" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An action of find behind `-o`.",
      why: "`-o` binds weaker than the action.",
      instead: #"Write `\( … \)` around the tests."#,
      sources: ["https://www.shellcheck.net/wiki/SC2146"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN find /a -name b -o -name c «-delete»

          """),
        .good(
          #"""
          FROM debian:12
          RUN find /a \( -name b -o -name c \) -delete

          """#),
      ])
  }
}
