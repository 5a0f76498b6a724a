import Diagnostics

/// SC2162: `read` without `-r`.
package struct ReadWithBackslashes: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2162", "read-with-backslashes"), .info, summary: "`read` without `-r`")
  package static let help: String? = "write `read -r`"

  package init() {}

  package static func message(_ subject: String) -> String { "backslashes in the input are taken away" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`read` without `-r`.",
      why: "A backslash at the end of a line also joins it to the next one.",
      instead: "Write `read -r`.",
      sources: ["https://www.shellcheck.net/wiki/SC2162"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «read» line < /a; echo "$line"

          """),
        .good(
          """
          FROM debian:12
          RUN read -r line < /a; echo "$line"

          """),
      ])
  }
}
