import Diagnostics

/// SC2064: an expansion in double quotes in a trap.
package struct EarlyTrap: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2064", "early-trap"), .warning, summary: "an expansion in double quotes in a trap")
  package static let help: String? = "use single quotes"

  package init() {}

  package static func message(_ subject: String) -> String { "this expands now, not when the signal comes" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An expansion in double quotes in a trap.",
      why: "The shell expands the text when it reads the trap.",
      instead: "Use single quotes.",
      sources: ["https://www.shellcheck.net/wiki/SC2064"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN A=/a; trap "rm «$A»" EXIT; b

          """),
        .good(
          """
          FROM debian:12
          RUN A=/a; trap 'rm "$A"' EXIT; b

          """),
      ])
  }
}
