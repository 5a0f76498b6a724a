import Diagnostics

/// SC2061: a pattern for `find` without quotes.
package struct UnquotedFindPattern: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2061", "unquoted-find-pattern"), .warning, fix: .unsafe,
    summary: "a pattern for `find` without quotes")
  package static let help: String? = "put it in quotes"
  package static let fixTitle: String? = "put the pattern in quotes"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the shell expands the pattern before `find` sees it"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A pattern for `find` without quotes.",
      why: "Where a file matches in the working directory, `find` looks for that name alone.",
      instead: "Put it in quotes.",
      fixSafety: "Unsafe: `find` sees the pattern where it may have seen the name of a file.",
      sources: ["https://www.shellcheck.net/wiki/SC2061"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN find / -name «*.pyc»

          """,
          unsafelyFixed: """
            FROM debian:12
            RUN find / -name "*.pyc"

            """),
        .good(
          """
          FROM debian:12
          RUN find / -name "*.pyc"

          """),
      ])
  }
}
