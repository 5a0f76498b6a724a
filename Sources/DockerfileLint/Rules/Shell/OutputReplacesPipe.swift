import Diagnostics

/// SC2260: an output that takes the place of a pipe.
package struct OutputReplacesPipe: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2260", "output-replaces-pipe"), .error,
    summary: "an output that takes the place of a pipe")
  package static let help: String? = "write `| tee FILE |` to have both"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this redirection takes the place of the pipe, which stays empty"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A command before a pipe whose output goes to a file.",
      why: "The redirection wins: the command behind the pipe gets nothing.",
      instead: "Leave one of them out, or write both with `tee`.",
      sources: ["https://www.shellcheck.net/wiki/SC2260"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a «>» /log | sort

          """),
        .good(
          """
          FROM debian:12
          RUN a | tee /log | sort

          """),
      ])
  }
}
