import Diagnostics

/// SC2155: `export`, `local` or the like with the output of a command.
package struct MaskedStatus: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2155", "masked-status"), .warning,
    summary: "`export`, `local` or the like with the output of a command")
  package static let help: String? = "assign first, then export"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the status of the command is lost behind `export` and its like"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`export`, `local` or the like with the output of a command.",
      why: "`export x=$(false)` succeeds, so the build goes on after a failure.",
      instead: "Assign first, then export.",
      sources: ["https://www.shellcheck.net/wiki/SC2155"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN export «X»="$(make)" && b

          """),
        .good(
          """
          FROM debian:12
          RUN X="$(make)" && export X && b

          """),
      ])
  }
}
