import Diagnostics

/// SC2147: a tilde in quotes in PATH.
package struct TildeInSearchPath: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2147", "tilde-in-search-path"), .warning, summary: "a tilde in quotes in PATH")
  package static let help: String? = "write `$HOME`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "only bash takes this tilde for the home folder"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A tilde in quotes in PATH.",
      why: "Other programs look for a folder whose name is a tilde.",
      instead: "Write `$HOME`.",
      sources: ["https://www.shellcheck.net/wiki/SC2147"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «PATH="$PATH:~/bin"» a

          """),
        .good(
          """
          FROM debian:12
          RUN PATH="$PATH:$HOME/bin" a

          """),
      ])
  }
}
