import Diagnostics

/// SC2113: `function name` in a POSIX shell.
package struct FunctionKeyword: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2113", "function-keyword"), .warning, summary: "`function name` in a POSIX shell")
  package static let help: String? = "write `name() { … }`"

  package init() {}

  package static func message(_ subject: String) -> String { "`function` is a word of bash and ksh" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`function name` in a POSIX shell.",
      why: "dash does not know it.",
      instead: "Write `name() { … }`.",
      sources: ["https://www.shellcheck.net/wiki/SC2113"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «function f { a; }»; f

          """),
        .good(
          """
          FROM debian:12
          RUN f() { a; }; f

          """),
      ])
  }
}
