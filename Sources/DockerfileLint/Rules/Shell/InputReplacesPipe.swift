import Diagnostics

/// SC2259: an input that takes the place of a pipe.
package struct InputReplacesPipe: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2259", "input-replaces-pipe"), .error,
    summary: "an input that takes the place of a pipe")
  package static let help: String? = "give the command one of them, by `cat` both"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this redirection takes the place of the pipe, which nobody reads"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A command behind a pipe that gets its input from elsewhere as well.",
      why:
        "The redirection wins: what comes through the pipe is lost, and the command before it may end with an error.",
      instead: "Leave one of them out, or name the file as an argument: `a | cat - file`.",
      sources: ["https://www.shellcheck.net/wiki/SC2259"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a | sort «<» /list

          """),
        .good(
          """
          FROM debian:12
          RUN a | sort - /list

          """),
      ])
  }
}
