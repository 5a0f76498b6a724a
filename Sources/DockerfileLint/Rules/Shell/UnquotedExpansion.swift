import Diagnostics

/// SC2086: an expansion without quotes.
package struct UnquotedExpansion: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2086", "unquoted-expansion"), .info, fix: .unsafe,
    summary: "an expansion without quotes")
  package static let help: String? = "put it in double quotes, unless several words are wanted"
  package static let fixTitle: String? = "put it in double quotes"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the value is split at blanks and matched against files"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An expansion without quotes.",
      why: """
        A value with a blank becomes several arguments, an empty one none at all, and a wildcard in it turns \
        into names of files.
        """,
      instead: "Put it in double quotes, unless several words are wanted.",
      fixSafety: "Unsafe: a value that is meant to be several words, such as options, becomes one.",
      sources: ["https://www.shellcheck.net/wiki/SC2086"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN rm «$FILE»

          """,
          unsafelyFixed: """
            FROM debian:12
            RUN rm "$FILE"

            """),
        .good(
          """
          FROM debian:12
          RUN rm "$FILE"

          """),
      ],
      differences: [
        HadolintDifference(
          "each finding of a RUN is shown, at its place; hadolint shows the last one of a RUN, at its first line",
          #"""
          FROM a:1
          RUN a $X && \
              b $Y && \
              c `d`

          """#, ours: [2, 3], strict: [])
      ])
  }
}
