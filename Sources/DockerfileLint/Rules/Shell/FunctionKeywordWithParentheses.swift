import Diagnostics

/// SC2112: `function name()` in a POSIX shell.
package struct FunctionKeywordWithParentheses: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2112", "function-keyword-with-parentheses"), .warning,
    summary: "`function name()` in a POSIX shell")
  package static let help: String? = "leave the word out"

  package init() {}

  package static func message(_ subject: String) -> String { "`function` is a word of bash and ksh" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`function name()` in a POSIX shell.",
      why: "dash does not know it.",
      instead: "Leave the word out.",
      sources: ["https://www.shellcheck.net/wiki/SC2112"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «function f() { a; }»; f

          """),
        .good(
          """
          FROM debian:12
          RUN f() { a; }; f

          """),
      ])
  }
}
