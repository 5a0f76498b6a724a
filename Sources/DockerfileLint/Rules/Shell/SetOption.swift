import Diagnostics

/// SC3040: an option of `set -o` that POSIX does not have.
package struct SetOption: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3040", "set-option"), .warning,
    summary: "an option of `set -o` that POSIX does not have")
  package static let help: String? = "use bash with SHELL"

  package init() {}

  package static func message(_ subject: String) -> String {
    "not every POSIX shell knows `set -o \(subject)`"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An option of `set -o` that POSIX does not have.",
      why: "Older versions of dash, as in Debian 12, stop with an error at `set -o pipefail`.",
      instead: "Use bash with SHELL.",
      sources: ["https://www.shellcheck.net/wiki/SC3040"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN set -o «pipefail»; a | b

          """),
        .good(
          """
          FROM debian:12
          RUN set -o errexit; a

          """),
      ])
  }
}
