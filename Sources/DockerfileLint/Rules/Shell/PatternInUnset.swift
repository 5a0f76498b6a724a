import Diagnostics

/// SC2184: a pattern without quotes behind `unset`.
package struct PatternInUnset: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2184", "pattern-in-unset"), .warning, summary: "a pattern without quotes behind `unset`"
  )
  package static let help: String? = "put it between quotes"

  package init() {}

  package static func message(_ subject: String) -> String { "the shell looks for files here" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A pattern without quotes behind `unset`.",
      why: "A file of such a name changes what is unset.",
      instead: "Put it between quotes.",
      sources: ["https://www.shellcheck.net/wiki/SC2184"],
      examples: [
        .bad(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN A[1]=b; unset «A[1]»

          """),
        .good(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN A[1]=b; unset 'A[1]'

          """),
      ])
  }
}
