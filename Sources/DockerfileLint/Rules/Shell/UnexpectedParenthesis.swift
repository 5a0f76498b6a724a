import Diagnostics

/// SC1036: a parenthesis that opens nothing the shell knows.
package struct UnexpectedParenthesis: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1036", "unexpected-parenthesis"), .error,
    summary: "a parenthesis that opens nothing the shell knows")
  package static let help: String? = "put the text in quotes, or escape the parenthesis"

  package init() {}

  package static func message(_ subject: String) -> String { "the shell cannot read this parenthesis" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A parenthesis that opens nothing the shell knows.",
      why: "The script does not run at all.",
      instead: "Put the text in quotes, or escape the parenthesis.",
      sources: ["https://www.shellcheck.net/wiki/SC1036"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN (a)«.»b()

          """),
        .good(
          """
          FROM debian:12
          RUN echo '(a)'

          """),
      ])
  }
}
