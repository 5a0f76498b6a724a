import Diagnostics

/// SC1010: a reserved word such as `done` among the arguments of a command.
package struct ReservedWordAsArgument: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1010", "reserved-word-as-argument"), .warning,
    summary: "a reserved word such as `done` among the arguments of a command")
  package static let help: String? = "put a `;` or a line end before it, or quotes around it if it is text"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`\(subject)` is an argument here: only the start of a command makes it a reserved word"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A reserved word such as `done` among the arguments of a command.",
      why: "The command gets the word, and the loop or condition goes on to a place nobody expects.",
      instead: "Put a `;` or a line end before it, or quotes around it if it is text.",
      sources: ["https://www.shellcheck.net/wiki/SC1010"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo «done»

          """),
        .good(
          """
          FROM debian:12
          RUN echo 'done'

          """),
      ])
  }
}
