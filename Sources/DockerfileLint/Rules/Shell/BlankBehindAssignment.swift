import Diagnostics

/// SC1007: a blank between an equals sign and what may be meant as the value.
package struct BlankBehindAssignment: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1007", "blank-behind-assignment"), .warning,
    summary: "a blank between an equals sign and what may be meant as the value")
  package static let help: String? = "leave the blank out, or write `NAME=''` for an empty value"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`\(subject)` becomes empty for the word behind the blank, which runs as a command"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A blank between an equals sign and what may be meant as the value.",
      why: "`NAME= value` runs the command `value` with NAME empty. It is seldom what was meant.",
      instead: "Leave the blank out, or write `NAME=''` for an empty value.",
      sources: ["https://www.shellcheck.net/wiki/SC1007"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN NAME=« »value

          """),
        .good(
          """
          FROM debian:12
          RUN NAME= ; export NAME

          """),
      ])
  }
}
