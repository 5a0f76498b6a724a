import Diagnostics

/// SC1018: a no-break space outside of quotes.
package struct NoBreakSpace: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1018", "no-break-space"), .error,
    summary: "a no-break space outside of quotes")
  package static let help: String? = "delete the blank and type it anew"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this blank is a no-break space (U+00A0), which is a letter like any other to a shell"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what:
        "A no-break space outside of quotes. It looks like a blank, and comes with texts that are copied from a web page or a word processor.",
      why:
        "To a shell it is part of the word, so that a program is not found or gets one argument in place of two.",
      instead: "Delete it and type a blank.",
      sources: ["https://www.shellcheck.net/wiki/SC1018"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo a« »b

          """),
        .good(
          """
          FROM debian:12
          RUN echo a b

          """),
      ])
  }
}
