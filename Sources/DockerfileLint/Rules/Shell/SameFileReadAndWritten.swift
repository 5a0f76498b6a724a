import Diagnostics

/// SC2094: a file that one pipeline reads and writes.
package struct SameFileReadAndWritten: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2094", "same-file-read-and-written"), .info,
    summary: "a file that one pipeline reads and writes")
  package static let help: String? = "write to another file, and move it afterwards"

  package init() {}

  package static func message(_ subject: String) -> String { "the file may be empty before it is read" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A file that one pipeline reads and writes.",
      why: "The shell empties the file before the commands start.",
      instead: "Write to another file, and move it afterwards.",
      sources: ["https://www.shellcheck.net/wiki/SC2094"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN grep -v a «/b» > «/b»

          """),
        .good(
          """
          FROM debian:12
          RUN grep -v a /b > /c

          """),
      ])
  }
}
