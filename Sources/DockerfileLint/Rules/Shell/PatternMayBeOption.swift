import Diagnostics

/// SC2035: a pattern that starts with a wildcard.
package struct PatternMayBeOption: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2035", "pattern-may-be-option"), .info, fix: .unsafe,
    summary: "a pattern that starts with a wildcard")
  package static let help: String? = "write `./*`, or `--` before it"
  package static let fixTitle: String? = "write `./` before the pattern"

  package init() {}

  package static func message(_ subject: String) -> String {
    "a file whose name starts with a dash becomes an option here"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A pattern that starts with a wildcard.",
      why: "The shell puts the names there as they are; `-rf` is a valid name.",
      instead: "Write `./*`, or `--` before it.",
      fixSafety: "Unsafe: the program sees `./name` where it saw `name`.",
      sources: ["https://www.shellcheck.net/wiki/SC2035"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN rm «*».txt

          """,
          unsafelyFixed: """
            FROM debian:12
            RUN rm ./*.txt

            """),
        .good(
          """
          FROM debian:12
          RUN rm ./*.txt

          """),
      ])
  }
}
