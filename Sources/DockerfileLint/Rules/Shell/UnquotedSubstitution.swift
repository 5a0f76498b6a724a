import Diagnostics

/// SC2046: a command substitution without quotes.
package struct UnquotedSubstitution: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2046", "unquoted-substitution"), .warning, fix: .unsafe,
    summary: "a command substitution without quotes")
  package static let help: String? = "put it in double quotes, unless several words are wanted"
  package static let fixTitle: String? = "put it in double quotes"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the output is split at blanks and matched against files"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A command substitution without quotes.",
      why: """
        What the command prints becomes as many arguments as it has words, and wildcards in it turn into \
        names of files.
        """,
      instead: "Put it in double quotes, unless several words are wanted.",
      fixSafety: "Unsafe: several words, which may be meant, become one.",
      sources: ["https://www.shellcheck.net/wiki/SC2046"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN useradd «$(cat /name)»

          """,
          unsafelyFixed: """
            FROM debian:12
            RUN useradd "$(cat /name)"

            """),
        .good(
          """
          FROM debian:12
          RUN useradd "$(cat /name)"

          """),
      ])
  }
}
