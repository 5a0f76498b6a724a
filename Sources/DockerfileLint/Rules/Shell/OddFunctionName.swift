import Diagnostics

/// SC3033: the name of a function with other characters than those of a variable in a POSIX shell.
package struct OddFunctionName: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3033", "odd-function-name"), .warning,
    summary: "the name of a function with other characters than those of a variable in a POSIX shell")
  package static let help: String? = "use letters, digits and underscores"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell need not take this name" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "The name of a function with other characters than those of a variable in a POSIX shell.",
      why: "dash refuses it.",
      instead: "Use letters, digits and underscores.",
      sources: ["https://www.shellcheck.net/wiki/SC3033"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «a-b() { c; }»; a-b

          """),
        .good(
          """
          FROM debian:12
          RUN a_b() { c; }; a_b

          """),
      ])
  }
}
