import Diagnostics

/// SC2150: a command line as one word behind `-exec`.
package struct ShellInExec: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2150", "shell-in-exec"), .warning, summary: "a command line as one word behind `-exec`")
  package static let help: String? = "write the words apart, or use `sh -c`"

  package init() {}

  package static func message(_ subject: String) -> String { "find looks for a program of that name" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A command line as one word behind `-exec`.",
      why: "find starts a program and no shell.",
      instead: "Write the words apart, or use `sh -c`.",
      sources: ["https://www.shellcheck.net/wiki/SC2150"],
      examples: [
        .bad(
          #"""
          FROM debian:12
          RUN find /a «-exec» 'rm {}' \;

          """#),
        .good(
          #"""
          FROM debian:12
          RUN find /a -exec rm {} \;

          """#),
      ])
  }
}
