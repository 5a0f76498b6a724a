import Diagnostics

/// SC2251: `! command` in a script with `set -e`.
package struct NegationUnderErrexit: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2251", "negation-under-errexit"), .info,
    summary: "`! command` in a script with `set -e`")
  package static let help: String? = "write `command && exit 1`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`set -e` does not stop at a command with `!` before it"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`! command` in a script with `set -e`.",
      why: "The command may succeed, against what is meant, and the build goes on.",
      instead: "Write `command && exit 1`.",
      sources: ["https://www.shellcheck.net/wiki/SC2251"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN set -e; «!» grep a /b; c

          """),
        .good(
          """
          FROM debian:12
          RUN set -e; if grep a /b; then exit 1; fi; c

          """),
      ])
  }
}
