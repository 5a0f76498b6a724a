import Diagnostics

/// SC2144: a test of a file with a pattern.
package struct TestOfPattern: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2144", "test-of-pattern"), .error, summary: "a test of a file with a pattern")
  package static let help: String? = "loop over the pattern, and test each file"

  package init() {}

  package static func message(_ subject: String) -> String { "this works only when exactly one file matches" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A test of a file with a pattern.",
      why: "With two matches the test is an error, with none it asks for the pattern as a name.",
      instead: "Loop over the pattern, and test each file.",
      sources: ["https://www.shellcheck.net/wiki/SC2144"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN [ -e «/a/*.conf» ]

          """),
        .good(
          """
          FROM debian:12
          RUN for f in /a/*.conf; do [ -e "$f" ] && echo yes; done

          """),
      ])
  }
}
