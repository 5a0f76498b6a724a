import Diagnostics

/// SC3046: `source` in a POSIX shell.
package struct SourceCommand: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3046", "source-command"), .warning, summary: "`source` in a POSIX shell")
  package static let help: String? = "write `. FILE`, with a slash in its path"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has `.`, not `source`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`source` in a POSIX shell.",
      why: "dash does not know `source`: the build stops here.",
      instead: "Write `. FILE`, with a slash in its path.",
      sources: ["https://www.shellcheck.net/wiki/SC3046"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «source /a» && b

          """),
        .good(
          """
          FROM debian:12
          RUN . /a && b

          """),
      ])
  }
}
