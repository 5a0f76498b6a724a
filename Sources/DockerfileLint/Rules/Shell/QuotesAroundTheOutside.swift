import Diagnostics

/// SC2140: a plain text between two quoted ones.
package struct QuotesAroundTheOutside: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2140", "quotes-around-the-outside"), .warning,
    summary: "a plain text between two quoted ones")
  package static let help: String? = "escape the inner quotes, or leave them out"

  package init() {}

  package static func message(_ subject: String) -> String { "the quotes end here and start again" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A plain text between two quoted ones.",
      why: #"The inner quotes vanish: `"a"b"c"` is `abc`."#,
      instead: "Escape the inner quotes, or leave them out.",
      sources: ["https://www.shellcheck.net/wiki/SC2140"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo "a"«b»"c"

          """),
        .good(
          #"""
          FROM debian:12
          RUN echo "a\"b\"c"

          """#),
      ])
  }
}
