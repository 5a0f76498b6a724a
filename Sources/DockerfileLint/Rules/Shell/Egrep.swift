import Diagnostics

/// SC2196: `egrep`.
package struct Egrep: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2196", "egrep"), .info, fix: .safe, summary: "`egrep`")
  package static let help: String? = "write `grep -E`"
  package static let fixTitle: String? = "write `grep -E`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`egrep` is deprecated and warns on new systems"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`egrep`.",
      why: "GNU grep prints a warning for it, and other systems have dropped it.",
      instead: "Write `grep -E`.",
      fixSafety: "Safe: it is the same program with the same option.",
      sources: ["https://www.shellcheck.net/wiki/SC2196"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «egrep» a /b

          """,
          fixed: """
            FROM debian:12
            RUN grep -E a /b

            """),
        .good(
          """
          FROM debian:12
          RUN grep -E a /b

          """),
      ])
  }
}
