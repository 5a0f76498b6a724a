import Diagnostics

/// SC2045: `for` over the output of `ls`.
package struct LoopOverLs: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2045", "loop-over-ls"), .error, summary: "`for` over the output of `ls`")
  package static let help: String? = "write a pattern: `for f in *`"

  package init() {}

  package static func message(_ subject: String) -> String { "names with blanks fall apart here" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`for` over the output of `ls`.",
      why: "The output is split at blanks and then matched against files.",
      instead: "Write a pattern: `for f in *`.",
      sources: ["https://www.shellcheck.net/wiki/SC2045"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN for f in «$(ls)»; do echo "$f"; done

          """),
        .good(
          """
          FROM debian:12
          RUN for f in *; do echo "$f"; done

          """),
      ])
  }
}
