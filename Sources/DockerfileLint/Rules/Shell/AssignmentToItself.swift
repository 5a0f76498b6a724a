import Diagnostics

/// SC2269: a variable that gets its own value.
package struct AssignmentToItself: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2269", "assignment-to-itself"), .info, summary: "a variable that gets its own value")
  package static let help: String? = "leave it out"

  package init() {}

  package static func message(_ subject: String) -> String { "this changes nothing" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A variable that gets its own value.",
      why: "It has no effect; another name is meant, maybe.",
      instead: "Leave it out.",
      sources: ["https://www.shellcheck.net/wiki/SC2269"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN A=b; «A=$A»; c "$A"

          """),
        .good(
          """
          FROM debian:12
          RUN A=b; C=$A; c "$C"

          """),
      ])
  }
}
