import Diagnostics

/// SC2005: `echo` of what a command prints.
package struct PointlessEcho: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2005", "pointless-echo"), .style, summary: "`echo` of what a command prints")
  package static let help: String? = "run the command itself"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`echo` prints what the command would print anyway"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`echo` of what a command prints.",
      why: "The status of the command is lost, and so are blanks when there are no quotes.",
      instead: "Run the command itself.",
      sources: ["https://www.shellcheck.net/wiki/SC2005"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo «"$(date)"»

          """),
        .good(
          """
          FROM debian:12
          RUN date

          """),
      ])
  }
}
