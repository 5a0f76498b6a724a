import Diagnostics

/// SC1083: a brace in a text that is neither an expansion nor a group.
package struct LiteralBrace: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1083", "literal-brace"), .warning,
    summary: "a brace in a text that is neither an expansion nor a group")
  package static let help: String? =
    "put it in quotes if it is text, or look for the `;`, comma or `$` that is missing"

  package init() {}

  package static func message(_ subject: String) -> String { "`\(subject)` is plain text here" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A brace in a text that is neither an expansion nor a group.",
      why: """
        A brace opens a group only at the start of a command, and a list only with a comma in it. Otherwise \
        it stays as it is, which is often a mistake.
        """,
      instead: "Put it in quotes if it is text, or look for the `;`, comma or `$` that is missing.",
      sources: ["https://www.shellcheck.net/wiki/SC1083"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo «{»name«}»

          """),
        .good(
          """
          FROM debian:12
          RUN echo '{name}'

          """),
      ])
  }
}
