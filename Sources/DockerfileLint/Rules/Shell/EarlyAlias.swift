import Diagnostics

/// SC2139: an expansion in the definition of an alias.
package struct EarlyAlias: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2139", "early-alias"), .warning, summary: "an expansion in the definition of an alias")
  package static let help: String? = "use single quotes"

  package init() {}

  package static func message(_ subject: String) -> String { "this expands now, not when the alias is used" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An expansion in the definition of an alias.",
      why: "The shell expands the text when it reads the definition.",
      instead: "Use single quotes.",
      sources: ["https://www.shellcheck.net/wiki/SC2139"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN alias a="ls «$B»"

          """),
        .good(
          """
          FROM debian:12
          RUN alias a='ls "$B"'

          """),
      ])
  }
}
