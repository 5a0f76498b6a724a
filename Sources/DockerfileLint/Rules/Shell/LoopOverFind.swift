import Diagnostics

/// SC2044: `for` over the output of find.
package struct LoopOverFind: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2044", "loop-over-find"), .warning, summary: "`for` over the output of find")
  package static let help: String? = "use `find … -exec`, or `while read`"

  package init() {}

  package static func message(_ subject: String) -> String { "names with blanks fall apart here" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`for` over the output of find.",
      why: "The output is split at blanks and then matched against files.",
      instead: "Use `find … -exec`, or `while read`.",
      sources: ["https://www.shellcheck.net/wiki/SC2044"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN for f in «$(find /a)»; do echo "$f"; done

          """),
        .good(
          """
          FROM debian:12
          RUN find /a -exec echo {} +

          """),
      ])
  }
}
