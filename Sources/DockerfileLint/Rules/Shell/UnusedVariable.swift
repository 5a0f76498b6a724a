import Diagnostics

/// SC2034: a variable that the script sets and nobody reads.
package struct UnusedVariable: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2034", "unused-variable"), .warning,
    summary: "a variable that the script sets and nobody reads")
  package static let help: String? = "use it, export it, or leave it out"

  package init() {}

  package static func message(_ subject: String) -> String { "nothing reads `\(subject)`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A variable that the script sets and nobody reads.",
      why: """
        A name that is never read is often a misspelt one. It ends with the RUN: the next one does not see \
        it.
        """,
      instead: "Use it, export it, or leave it out.",
      sources: ["https://www.shellcheck.net/wiki/SC2034"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «NAME»=a; echo b

          """),
        .good(
          """
          FROM debian:12
          RUN NAME=a; echo "$NAME"

          """),
      ])
  }
}
