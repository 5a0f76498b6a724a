import Diagnostics

/// SC2115: `rm -r` of a path that is the root folder when a variable is empty.
package struct RemovalOfRoot: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2115", "removal-of-root"), .warning,
    summary: "`rm -r` of a path that is the root folder when a variable is empty")
  package static let help: String? = #"write `"${VAR:?}"`, which stops instead"#

  package init() {}

  package static func message(_ subject: String) -> String {
    "this removes `\(subject)` when the variable is empty"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`rm -r` of a path that is the root folder when a variable is empty.",
      why: "A variable that was misspelt or not set is empty, and nothing asks.",
      instead: #"Write `"${VAR:?}"`, which stops instead."#,
      sources: ["https://www.shellcheck.net/wiki/SC2115"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN rm -rf «"$DIR/"»

          """),
        .good(
          """
          FROM debian:12
          RUN rm -rf "${DIR:?}/"

          """),
      ])
  }
}
