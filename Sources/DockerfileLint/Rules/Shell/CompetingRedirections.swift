import Diagnostics

/// SC2261: several redirections of one stream.
package struct CompetingRedirections: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2261", "competing-redirections"), .error,
    summary: "several redirections of one stream")
  package static let help: String? = "quote the word if `>` or `<` belongs to it; else leave all but one out"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the last of several redirections of one stream wins; the others only create or open their files"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A command with several redirections of its input, or several of one of its outputs.",
      why:
        "Only the last one counts. Often none is meant: in `pip install a>=1 b>=2` the versions are read as files named `=1` and `=2`.",
      instead: "Quote what is no redirection; for several files use `cat` or `tee`.",
      sources: ["https://www.shellcheck.net/wiki/SC2261"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN pip install a«>»=1 b«>»=2

          """),
        .good(
          """
          FROM debian:12
          RUN pip install "a>=1" "b>=2"

          """),
      ])
  }
}
