import Diagnostics

/// SC1088: a parenthesis at which the shell stops reading.
package struct MisplacedParenthesis: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1088", "misplaced-parenthesis"), .error,
    summary: "a parenthesis at which the shell stops reading")
  package static let help: String? = "put the text in quotes, or escape the parenthesis"

  package init() {}

  package static func message(_ subject: String) -> String { "the shell stops reading at this parenthesis" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A parenthesis at which the shell stops reading.",
      why: "The script does not run at all.",
      instead: "Put the text in quotes, or escape the parenthesis.",
      sources: ["https://www.shellcheck.net/wiki/SC1088"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a b«(»c)

          """),
        .good(
          """
          FROM debian:12
          RUN a 'b(c)'

          """),
      ])
  }
}
