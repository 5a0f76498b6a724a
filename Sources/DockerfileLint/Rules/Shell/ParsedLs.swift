import Diagnostics

/// SC2012: `ls` into another command.
package struct ParsedLs: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2012", "parsed-ls"), .info, summary: "`ls` into another command")
  package static let help: String? = "use `find`, a pattern or `stat`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the output of `ls` is for people: unusual names come out changed"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`ls` into another command.",
      why: "Names with blanks, line ends or special characters are not read back as what they are.",
      instead: "Use `find`, a pattern or `stat`.",
      sources: ["https://www.shellcheck.net/wiki/SC2012"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «ls -l /a» | wc -l

          """),
        .good(
          """
          FROM debian:12
          RUN find /a -type f | wc -l

          """),
      ])
  }
}
