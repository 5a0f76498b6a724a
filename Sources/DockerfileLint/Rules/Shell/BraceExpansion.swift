import Diagnostics

/// SC3009: `{a,b}` or `{1..3}` in a POSIX shell.
package struct BraceExpansion: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3009", "brace-expansion"), .warning, summary: "`{a,b}` or `{1..3}` in a POSIX shell")
  package static let help: String? = "write the words out, or use bash with SHELL"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell does not expand braces" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`{a,b}` or `{1..3}` in a POSIX shell.",
      why: "dash makes one folder named `{b,c}`, without an error; BusyBox and bash make two.",
      instead: "Write the words out, or use bash with SHELL.",
      sources: ["https://www.shellcheck.net/wiki/SC3009"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN mkdir -p /a/«{b,c}»

          """),
        .good(
          """
          FROM debian:12
          RUN mkdir -p /a/b /a/c

          """),
      ])
  }
}
