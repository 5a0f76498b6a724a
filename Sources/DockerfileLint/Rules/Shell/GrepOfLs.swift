import Diagnostics

/// SC2010: `ls` into `grep`.
package struct GrepOfLs: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2010", "grep-of-ls"), .warning, summary: "`ls` into `grep`")
  package static let help: String? = "use a pattern, as in `for f in *.txt`, or `find`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`ls | grep` breaks at names with blanks or line ends"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`ls` into `grep`.",
      why: "`ls` prints for people: what it does with unusual names differs between systems.",
      instead: "Use a pattern, as in `for f in *.txt`, or `find`.",
      sources: ["https://www.shellcheck.net/wiki/SC2010"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «ls /etc» | grep conf

          """),
        .good(
          """
          FROM debian:12
          RUN find /etc -name "*.conf"

          """),
      ])
  }
}
