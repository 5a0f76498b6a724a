import Diagnostics

/// SC2174: `mkdir -p -m` with several levels.
package struct ModeOfDeepestFolder: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2174", "mode-of-deepest-folder"), .warning, summary: "`mkdir -p -m` with several levels"
  )
  package static let help: String? = "make the upper folders first, or use `install -d`"

  package init() {}

  package static func message(_ subject: String) -> String { "the mode is that of the last folder only" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`mkdir -p -m` with several levels.",
      why: "The folders between get the default mode.",
      instead: "Make the upper folders first, or use `install -d`.",
      sources: ["https://www.shellcheck.net/wiki/SC2174"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN mkdir -p «-m» 700 /a/b

          """),
        .good(
          """
          FROM debian:12
          RUN mkdir -p /a && mkdir -m 700 /a/b

          """),
      ])
  }
}
