import Diagnostics

/// SC2015: `A && B || C` used like if and else.
package struct AndOrIsNoChoice: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2015", "and-or-is-no-choice"), .info, summary: "`A && B || C` used like if and else")
  package static let help: String? = "write `if A; then B; else C; fi`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`A && B || C` runs C also when A works and B fails"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`A && B || C` used like if and else.",
      why: """
        The last command is meant for the case that the first one fails. When the second one fails it runs \
        too, and hides that failure.
        """,
      instead: "Write `if A; then B; else C; fi`.",
      sources: ["https://www.shellcheck.net/wiki/SC2015"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN test -e /a «&&» rm /a || make a

          """),
        .good(
          """
          FROM debian:12
          RUN if test -e /a; then rm /a; else make a; fi

          """),
      ])
  }
}
