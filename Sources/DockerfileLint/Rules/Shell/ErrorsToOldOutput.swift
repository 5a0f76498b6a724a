import Diagnostics

/// SC2069: `2>&1` before the redirection of the output.
package struct ErrorsToOldOutput: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2069", "errors-to-old-output"), .warning,
    summary: "`2>&1` before the redirection of the output")
  package static let help: String? = "write `> FILE 2>&1`"

  package init() {}

  package static func message(_ subject: String) -> String { "the errors go where the output went before" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`2>&1` before the redirection of the output.",
      why: "Redirections are done from left to right, so that only the output goes into the file.",
      instead: "Write `> FILE 2>&1`.",
      sources: ["https://www.shellcheck.net/wiki/SC2069"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a «2>&1» > /log

          """),
        .good(
          """
          FROM debian:12
          RUN a > /log 2>&1

          """),
      ])
  }
}
