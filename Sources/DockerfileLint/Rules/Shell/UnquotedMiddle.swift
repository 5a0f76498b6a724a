import Diagnostics

/// SC2027: an expansion between two quoted texts that is itself outside the quotes.
package struct UnquotedMiddle: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2027", "unquoted-middle"), .warning,
    summary: "an expansion between two quoted texts that is itself outside the quotes")
  package static let help: String? = "escape the inner quotes, or leave them out"

  package init() {}

  package static func message(_ subject: String) -> String {
    "these quotes end before the expansion and start again behind it"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An expansion between two quoted texts that is itself outside the quotes.",
      why: "The expansion is split and matched against files although it looks quoted.",
      instead: "Escape the inner quotes, or leave them out.",
      sources: ["https://www.shellcheck.net/wiki/SC2027"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo "a "«$X»" b"

          """),
        .good(
          """
          FROM debian:12
          RUN echo "a $X b"

          """),
      ])
  }
}
