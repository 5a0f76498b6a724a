import Diagnostics

/// SC2009: `ps` into `grep`.
package struct GrepOfPs: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2009", "grep-of-ps"), .info, summary: "`ps` into `grep`")
  package static let help: String? = "use `pgrep`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "this finds processes by their text, the `grep` itself included"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`ps` into `grep`.",
      why: "The line of `grep` is found too, and names can match in places nobody thought of.",
      instead: "Use `pgrep`.",
      sources: ["https://www.shellcheck.net/wiki/SC2009"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «ps aux» | grep nginx

          """),
        .good(
          """
          FROM debian:12
          RUN pgrep nginx

          """),
      ])
  }
}
