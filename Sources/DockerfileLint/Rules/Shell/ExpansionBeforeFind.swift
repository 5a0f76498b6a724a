import Diagnostics

/// SC2014: an expansion in the command that find runs.
package struct ExpansionBeforeFind: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2014", "expansion-before-find"), .info,
    summary: "an expansion in the command that find runs")
  package static let help: String? = "use `sh -c` behind `-exec`"

  package init() {}

  package static func message(_ subject: String) -> String { "this expands once, before find runs" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An expansion in the command that find runs.",
      why: "The shell expands it before find starts, not for each file.",
      instead: "Use `sh -c` behind `-exec`.",
      sources: ["https://www.shellcheck.net/wiki/SC2014"],
      examples: [
        .bad(
          #"""
          FROM debian:12
          RUN find /a -exec rm «*».jpg \;

          """#),
        .good(
          #"""
          FROM debian:12
          RUN find /a -name '*.jpg' -exec rm {} \;

          """#),
      ])
  }
}
