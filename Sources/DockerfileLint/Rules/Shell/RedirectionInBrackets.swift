import Diagnostics

/// SC2073: `<` or `>` in single brackets.
package struct RedirectionInBrackets: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2073", "redirection-in-brackets"), .error, summary: "`<` or `>` in single brackets")
  package static let help: String? = #"write `\<` or `\>`"#

  package init() {}

  package static func message(_ subject: String) -> String { "this is a redirection, not a comparison" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`<` or `>` in single brackets.",
      why: "The shell opens a file of that name.",
      instead: #"Write `\<` or `\>`."#,
      sources: ["https://www.shellcheck.net/wiki/SC2073"],
      examples: [
        .bad(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN if [ "$A" «>» "$B" ]; then a; fi

          """),
        .good(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN if [[ "$A" > "$B" ]]; then a; fi

          """),
      ])
  }
}
