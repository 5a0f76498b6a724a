import Diagnostics

/// SC2022: a grep pattern in which a star repeats a letter.
package struct StarAsInPattern: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2022", "star-as-in-pattern"), .info,
    summary: "a grep pattern in which a star repeats a letter")
  package static let help: String? = "write `.*` for any text"

  package init() {}

  package static func message(_ subject: String) -> String {
    "in a regular expression the star repeats the letter before it"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A grep pattern in which a star repeats a letter.",
      why: "The pattern looks like one for names of files, where a star stands for any text.",
      instead: "Write `.*` for any text.",
      sources: ["https://www.shellcheck.net/wiki/SC2022"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN grep «'foo*'» /a

          """),
        .good(
          """
          FROM debian:12
          RUN grep 'foo.*' /a

          """),
      ])
  }
}
