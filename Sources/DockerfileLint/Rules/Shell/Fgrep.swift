import Diagnostics

/// SC2197: `fgrep`.
package struct Fgrep: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2197", "fgrep"), .info, fix: .safe, summary: "`fgrep`")
  package static let help: String? = "write `grep -F`"
  package static let fixTitle: String? = "write `grep -F`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`fgrep` is deprecated and warns on new systems"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`fgrep`.",
      why: "GNU grep prints a warning for it, and other systems have dropped it.",
      instead: "Write `grep -F`.",
      fixSafety: "Safe: it is the same program with the same option.",
      sources: ["https://www.shellcheck.net/wiki/SC2197"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «fgrep» a /b

          """,
          fixed: """
            FROM debian:12
            RUN grep -F a /b

            """),
        .good(
          """
          FROM debian:12
          RUN grep -F a /b

          """),
      ])
  }
}
