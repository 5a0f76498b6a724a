import Diagnostics

/// SC1012: `\n`, `\t` or `\r` outside quotes.
package struct LiteralControlEscape: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1012", "literal-control-escape"), .warning,
    summary: #"`\n`, `\t` or `\r` outside quotes"#)
  package static let help: String? =
    #"write `"$(printf '\t')"`, or put it in quotes for a program that reads it"#

  package init() {}

  package static func message(_ subject: String) -> String {
    #"`\\#(subject)` without quotes is just the letter \#(subject)"#
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: #"`\n`, `\t` or `\r` outside quotes."#,
      why: "The shell takes the backslash away, and what is left is a letter.",
      instead: #"Write `"$(printf '\t')"`, or put it in quotes for a program that reads it."#,
      sources: ["https://www.shellcheck.net/wiki/SC1012"],
      examples: [
        .bad(
          #"""
          FROM debian:12
          RUN tr «\n» ' ' < /list

          """#),
        .good(
          #"""
          FROM debian:12
          RUN tr '\n' ' ' < /list

          """#),
      ])
  }
}
