import Diagnostics

/// SC2258: a word of `for` that ends in a comma.
package struct CommaBehindWord: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2258", "comma-behind-word"), .warning, summary: "a word of `for` that ends in a comma")
  package static let help: String? = "leave the comma out"

  package init() {}

  package static func message(_ subject: String) -> String { "the comma is part of the word" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A word of `for` that ends in a comma.",
      why: "The shell separates words at blanks.",
      instead: "Leave the comma out.",
      sources: ["https://www.shellcheck.net/wiki/SC2258"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN for f in «a,» b; do echo "$f"; done

          """),
        .good(
          """
          FROM debian:12
          RUN for f in a b; do echo "$f"; done

          """),
      ])
  }
}
