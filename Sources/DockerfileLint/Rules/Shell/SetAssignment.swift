import Diagnostics

/// SC2121: `set` with an assignment.
package struct SetAssignment: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2121", "set-assignment"), .warning, summary: "`set` with an assignment")
  package static let help: String? = "write `NAME=value`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`set` changes the positional parameters, not a variable"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`set` with an assignment.",
      why: "`set` is not how a POSIX shell assigns.",
      instead: "Write `NAME=value`.",
      sources: ["https://www.shellcheck.net/wiki/SC2121"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN set «A=1»; b

          """),
        .good(
          """
          FROM debian:12
          RUN A=1 b

          """),
      ])
  }
}
