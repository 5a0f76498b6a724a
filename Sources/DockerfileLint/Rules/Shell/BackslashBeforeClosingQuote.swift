import Diagnostics

/// SC1003: a backslash before the quote that closes a single-quoted text.
package struct BackslashBeforeClosingQuote: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1003", "backslash-before-closing-quote"), .info,
    summary: "a backslash before the quote that closes a single-quoted text")
  package static let help: String? =
    #"write `'\''` for a single quote inside single quotes; a backslash at the end is fine if it is meant"#

  package init() {}

  package static func message(_ subject: String) -> String {
    "a backslash does not keep a single quote from closing the text"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A backslash before the quote that closes a single-quoted text.",
      why: """
        Between single quotes a backslash is a backslash. The text ends at the next quote, and the rest of \
        the line is read in another way than it looks.
        """,
      instead: #"""
        Write `'\''` for a single quote inside single quotes; a backslash at the end is fine if it is meant.
        """#,
      sources: ["https://www.shellcheck.net/wiki/SC1003"],
      examples: [
        .bad(
          #"""
          FROM debian:12
          RUN echo 'a«\»' b

          """#),
        .good(
          #"""
          FROM debian:12
          RUN echo 'it'\''s' b

          """#),
      ])
  }
}
