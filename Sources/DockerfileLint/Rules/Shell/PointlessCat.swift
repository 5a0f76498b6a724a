import Diagnostics

/// SC2002: `cat` of one file into a pipe.
package struct PointlessCat: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2002", "pointless-cat"), .style, isOff: true, summary: "`cat` of one file into a pipe")
  package static let help: String? = "give the file to the next command, as an argument or with `<`"

  package init() {}

  package static func message(_ subject: String) -> String { "`cat` only hands the file on" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`cat` of one file into a pipe.",
      why: "It starts a process that does nothing. ShellCheck has it off by default since 0.11.",
      instead: "Give the file to the next command, as an argument or with `<`.",
      sources: ["https://www.shellcheck.net/wiki/SC2002"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN cat «/a» | sort

          """),
        .good(
          """
          FROM debian:12
          RUN sort /a

          """),
      ])
  }
}
