import Diagnostics

/// SC2185: `find` without a path.
package struct FindWithoutPath: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2185", "find-without-path"), .info, summary: "`find` without a path")
  package static let help: String? = "write `find .`"

  package init() {}

  package static func message(_ subject: String) -> String { "not every `find` knows where to start" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`find` without a path.",
      why: "GNU find and that of BusyBox start in the working directory, others stop with an error.",
      instead: "Write `find .`.",
      sources: ["https://www.shellcheck.net/wiki/SC2185"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «find» -name a

          """),
        .good(
          """
          FROM debian:12
          RUN find . -name a

          """),
      ])
  }
}
