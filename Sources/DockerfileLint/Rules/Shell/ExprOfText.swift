import Diagnostics

/// SC2308: `expr substr` or `expr length`.
package struct ExprOfText: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2308", "expr-of-text"), .info, summary: "`expr substr` or `expr length`")
  package static let help: String? = "use `${…}`, `cut` or `awk`"

  package init() {}

  package static func message(_ subject: String) -> String { "`expr \(subject)` is not part of POSIX" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`expr substr` or `expr length`.",
      why: "What it does, and whether it exists, depends on the system.",
      instead: "Use `${…}`, `cut` or `awk`.",
      sources: ["https://www.shellcheck.net/wiki/SC2308"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN X="$(expr «length» abc)"; echo "$X"

          """),
        .good(
          """
          FROM debian:12
          RUN X=abc; echo "${#X}"

          """),
      ])
  }
}
