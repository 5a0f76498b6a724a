import Diagnostics

/// SC2020: tr with a letter twice in a set.
package struct TrOfWords: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2020", "tr-of-words"), .info, summary: "tr with a letter twice in a set")
  package static let help: String? = "use sed to replace words"

  package init() {}

  package static func message(_ subject: String) -> String { "tr replaces characters, not words" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "Tr with a letter twice in a set.",
      why: "Each character of the first set becomes the one in the same place of the second set.",
      instead: "Use sed to replace words.",
      sources: ["https://www.shellcheck.net/wiki/SC2020"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN tr «hello» world < /a

          """),
        .good(
          """
          FROM debian:12
          RUN sed 's/hello/world/g' /a

          """),
      ])
  }
}
