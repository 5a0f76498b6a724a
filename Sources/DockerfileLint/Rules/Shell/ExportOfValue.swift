import Diagnostics

/// SC2163: `export` with the value of a variable.
package struct ExportOfValue: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2163", "export-of-value"), .warning, summary: "`export` with the value of a variable")
  package static let help: String? = "write the name without `$`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this exports what the value names, not `\(subject)`"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`export` with the value of a variable.",
      why: "The shell takes the value for a name.",
      instead: "Write the name without `$`.",
      sources: ["https://www.shellcheck.net/wiki/SC2163"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN A=b; export «"$A"»

          """),
        .good(
          """
          FROM debian:12
          RUN A=b; export A

          """),
      ])
  }
}
