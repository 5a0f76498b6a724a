import Diagnostics

/// SC2157: `-n` or `-z` with a constant.
package struct ConstantLengthTest: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2157", "constant-length-test"), .error, summary: "`-n` or `-z` with a constant")
  package static let help: String? = "look for the `$` that is missing"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the text is constant, so the result is always the same"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`-n` or `-z` with a constant.",
      why: "The condition decides nothing.",
      instead: "Look for the `$` that is missing.",
      sources: ["https://www.shellcheck.net/wiki/SC2157"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN [ -n «NAME» ] && a

          """),
        .good(
          """
          FROM debian:12
          RUN [ -n "$NAME" ] && a

          """),
      ])
  }
}
