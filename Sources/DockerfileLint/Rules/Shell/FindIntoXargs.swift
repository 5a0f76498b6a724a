import Diagnostics

/// SC2038: `find` into `xargs` without null characters between names.
package struct FindIntoXargs: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2038", "find-into-xargs"), .warning,
    summary: "`find` into `xargs` without null characters between names")
  package static let help: String? = "write `find … -print0 | xargs -0 …`, or `-exec … {} +`"

  package init() {}

  package static func message(_ subject: String) -> String { "`xargs` splits names with blanks in them" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`find` into `xargs` without null characters between names.",
      why: """
        A name with a blank or a quote becomes two, and a command such as `rm` gets something else.
        """,
      instead: "Write `find … -print0 | xargs -0 …`, or `-exec … {} +`.",
      sources: ["https://www.shellcheck.net/wiki/SC2038"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «find /a -name b» | xargs rm

          """),
        .good(
          """
          FROM debian:12
          RUN find /a -name b -print0 | xargs -0 rm

          """),
      ])
  }
}
