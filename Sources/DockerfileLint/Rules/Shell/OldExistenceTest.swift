import Diagnostics

/// SC2331: `[ -a file ]` in place of `-e`.
package struct OldExistenceTest: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2331", "old-existence-test"), .style, fix: .safe,
    summary: "`[ -a file ]` in place of `-e`")
  package static let help: String? = "write `-e`"

  package static let fixTitle: String? = "write `-e`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`-a` as a test for a file is an old form of `-e`"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`[ -a file ]`, which asks whether a file is there.",
      why: "`-a` means \"and\" as well, and POSIX has only `-e` for this.",
      instead: "Write `-e`.",
      fixSafety: "Safe: it is the same test.",
      sources: ["https://www.shellcheck.net/wiki/SC2331"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN if [ «-a» /x ]; then a; fi

          """,
          fixed: """
            FROM debian:12
            RUN if [ -e /x ]; then a; fi

            """),
        .good(
          """
          FROM debian:12
          RUN if [ -e /x ]; then a; fi

          """),
      ])
  }
}
