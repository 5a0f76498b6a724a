import Diagnostics

/// SC2194: `case` with a constant.
package struct ConstantSubject: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2194", "constant-subject"), .warning, summary: "`case` with a constant")
  package static let help: String? = "look for the `$` that is missing"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the word is constant, so one branch is always taken"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`case` with a constant.",
      why: "The branches decide nothing.",
      instead: "Look for the `$` that is missing.",
      sources: ["https://www.shellcheck.net/wiki/SC2194"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN case «NAME» in a) b ;; esac

          """),
        .good(
          """
          FROM debian:12
          RUN case "$NAME" in a) b ;; esac

          """),
      ])
  }
}
