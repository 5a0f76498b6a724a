import Diagnostics

/// SC2088: a tilde in quotes.
package struct TildeInQuotes: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2088", "tilde-in-quotes"), .warning, summary: "a tilde in quotes")
  package static let help: String? = "write `$HOME`"

  package init() {}

  package static func message(_ subject: String) -> String { "in quotes a tilde is no home folder" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A tilde in quotes.",
      why: "The shell expands a tilde without quotes only.",
      instead: "Write `$HOME`.",
      sources: ["https://www.shellcheck.net/wiki/SC2088"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo a >> "«~/.profile»"

          """),
        .good(
          """
          FROM debian:12
          RUN echo a >> ~/.profile

          """),
      ])
  }
}
