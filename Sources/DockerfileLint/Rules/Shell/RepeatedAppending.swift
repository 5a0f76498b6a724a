import Diagnostics

/// SC2129: three commands in a row that append to one file.
package struct RepeatedAppending: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2129", "repeated-appending"), .style,
    summary: "three commands in a row that append to one file")
  package static let help: String? = "write `{ a; b; c; } >> FILE`"

  package init() {}

  package static func message(_ subject: String) -> String { "the file is opened for each command" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "Three commands in a row that append to one file.",
      why: "One redirection of a group does the same.",
      instead: "Write `{ a; b; c; } >> FILE`.",
      sources: ["https://www.shellcheck.net/wiki/SC2129"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «a >> /f»; b >> /f; c >> /f

          """),
        .good(
          """
          FROM debian:12
          RUN { a; b; c; } >> /f

          """),
      ])
  }
}
