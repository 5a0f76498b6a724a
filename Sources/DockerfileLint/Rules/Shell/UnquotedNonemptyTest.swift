import Diagnostics

/// SC2070: `-n` with an expansion without quotes.
package struct UnquotedNonemptyTest: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2070", "unquoted-nonempty-test"), .error,
    summary: "`-n` with an expansion without quotes")
  package static let help: String? = "put it in double quotes"

  package init() {}

  package static func message(_ subject: String) -> String {
    "without quotes `-n` is true also when the value is empty"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`-n` with an expansion without quotes.",
      why: "An empty value vanishes, and `[ -n ]` asks whether the text `-n` is empty.",
      instead: "Put it in double quotes.",
      sources: ["https://www.shellcheck.net/wiki/SC2070"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN [ -n «$NAME» ] && a

          """),
        .good(
          """
          FROM debian:12
          RUN [ -n "$NAME" ] && a

          """),
      ])
  }
}
