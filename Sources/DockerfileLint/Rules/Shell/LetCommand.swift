import Diagnostics

/// SC2219: `let` in bash.
package struct LetCommand: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2219", "let-command"), .style, summary: "`let` in bash")
  package static let help: String? = "write `((…))`"

  package init() {}

  package static func message(_ subject: String) -> String { "`let` is an old way to write `(( ))`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`let` in bash.",
      why: "Its arguments are split and expanded like those of any command.",
      instead: "Write `((…))`.",
      sources: ["https://www.shellcheck.net/wiki/SC2219"],
      examples: [
        .bad(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN «let X=1+2»; echo "$X"

          """),
        .good(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN ((X = 1 + 2)); echo "$X"

          """),
      ])
  }
}
