import Diagnostics

/// SC2156: `{}` in a script that find runs.
package struct FileNameInScript: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2156", "file-name-in-script"), .warning, summary: "`{}` in a script that find runs")
  package static let help: String? = #"hand it over: `sh -c '… "$1"' sh {}`"#

  package init() {}

  package static func message(_ subject: String) -> String { "a file name can be a command here" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`{}` in a script that find runs.",
      why: "The name becomes part of the script, whatever is in it.",
      instead: #"Hand it over: `sh -c '… "$1"' sh {}`."#,
      sources: ["https://www.shellcheck.net/wiki/SC2156"],
      examples: [
        .bad(
          #"""
          FROM debian:12
          RUN find /a -exec sh -c «'b {}'» \;

          """#),
        .good(
          #"""
          FROM debian:12
          RUN find /a -exec sh -c 'b "$1"' sh {} \;

          """#),
      ])
  }
}
