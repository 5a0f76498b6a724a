import Diagnostics

/// SC2013: `for` over the output of a command that gives lines.
package struct LoopOverLines: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2013", "loop-over-lines"), .info,
    summary: "`for` over the output of a command that gives lines")
  package static let help: String? = "pipe into `while read -r line`"

  package init() {}

  package static func message(_ subject: String) -> String { "the loop gets words, not lines" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`for` over the output of a command that gives lines.",
      why: "The output is split at every blank, not only at line ends.",
      instead: "Pipe into `while read -r line`.",
      sources: ["https://www.shellcheck.net/wiki/SC2013"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN for f in «$(cat /list)»; do echo "$f"; done

          """),
        .good(
          """
          FROM debian:12
          RUN while read -r f; do echo "$f"; done < /list

          """),
      ])
  }
}
