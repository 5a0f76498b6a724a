import Diagnostics

/// SC2067: `-exec` without `;` or `+` at its end.
package struct UnclosedExec: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2067", "unclosed-exec"), .error, summary: "`-exec` without `;` or `+` at its end")
  package static let help: String? = #"write `\;` or `+` as a word of its own"#

  package init() {}

  package static func message(_ subject: String) -> String { "find needs a `;` or `+` behind the command" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`-exec` without `;` or `+` at its end.",
      why: "A shell operator ends the call of find, and find then says that the argument is missing.",
      instead: #"Write `\;` or `+` as a word of its own."#,
      sources: ["https://www.shellcheck.net/wiki/SC2067"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN find /a -exec touch «{}» && ls /a

          """),
        .good(
          #"""
          FROM debian:12
          RUN find /a -exec touch {} \;

          """#),
      ])
  }
}
