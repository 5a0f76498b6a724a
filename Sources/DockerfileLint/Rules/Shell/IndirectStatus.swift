import Diagnostics

/// SC2181: a test of `$?`.
package struct IndirectStatus: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2181", "indirect-status"), .style, summary: "a test of `$?`")
  package static let help: String? = "write `if command; then`"

  package init() {}

  package static func message(_ subject: String) -> String { "the status can be asked for directly" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A test of `$?`.",
      why: "A command that is put between changes the status.",
      instead: "Write `if command; then`.",
      sources: ["https://www.shellcheck.net/wiki/SC2181"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a; if [ «$?» -eq 0 ]; then b; fi

          """),
        .good(
          """
          FROM debian:12
          RUN if a; then b; fi

          """),
      ])
  }
}
