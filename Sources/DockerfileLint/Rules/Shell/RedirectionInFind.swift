import Diagnostics

/// SC2227: a redirection before the end of find's arguments.
package struct RedirectionInFind: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2227", "redirection-in-find"), .warning,
    summary: "a redirection before the end of find's arguments")
  package static let help: String? = "use `sh -c`, or move it to the end"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the redirection is for find, not for the command that it runs"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A redirection before the end of find's arguments.",
      why: "The file takes all output at once.",
      instead: "Use `sh -c`, or move it to the end.",
      sources: ["https://www.shellcheck.net/wiki/SC2227"],
      examples: [
        .bad(
          #"""
          FROM debian:12
          RUN find /a -exec b {} «> /log» \;

          """#),
        .good(
          #"""
          FROM debian:12
          RUN find /a -exec b {} \; > /log

          """#),
      ])
  }
}
