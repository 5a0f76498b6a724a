import Diagnostics

/// SC2164: `cd` whose failure nobody sees.
package struct UncheckedCd: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2164", "unchecked-cd"), .warning, fix: .unsafe,
    summary: "`cd` whose failure nobody sees")
  package static let help: String? = "write `&&` behind it, or `|| exit 1`"
  package static let fixTitle: String? = "stop when it fails"

  package init() {}

  package static func message(_ subject: String) -> String {
    "when `\(subject)` fails the rest runs in the wrong folder"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`cd` whose failure nobody sees.",
      why: "The commands behind it go on, `rm` among them.",
      instead: "Write `&&` behind it, or `|| exit 1`.",
      fixSafety: "Unsafe: a build that went on in the wrong folder stops.",
      sources: ["https://www.shellcheck.net/wiki/SC2164"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «cd /a»; rm -rf b

          """,
          unsafelyFixed: """
            FROM debian:12
            RUN cd /a || exit 1; rm -rf b

            """),
        .good(
          """
          FROM debian:12
          RUN cd /a && rm -rf b

          """),
      ])
  }
}
