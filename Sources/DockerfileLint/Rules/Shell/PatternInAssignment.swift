import Diagnostics

/// SC2125: a pattern as the value of a variable.
package struct PatternInAssignment: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2125", "pattern-in-assignment"), .warning,
    summary: "a pattern as the value of a variable")
  package static let help: String? = "quote it, or use an array in bash"

  package init() {}

  package static func message(_ subject: String) -> String {
    "a pattern or braces in an assignment stay as they are"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An assignment whose value has a pattern or a brace expansion outside of quotes.",
      why:
        "An assignment neither looks for files nor expands braces. The value is the pattern, and becomes files only where the variable is used without quotes.",
      instead:
        "Quote the value to say that the pattern is meant; for the files take an array, or the words of a loop.",
      sources: ["https://www.shellcheck.net/wiki/SC2125"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN files=«*.deb»; dpkg -i "$files"

          """),
        .good(
          """
          FROM debian:12
          RUN for file in *.deb; do dpkg -i "$file"; done

          """),
      ])
  }
}
