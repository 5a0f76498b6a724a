import Diagnostics

/// SC2143: a test whether `grep` printed something.
package struct GrepForOutput: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2143", "grep-for-output"), .style, summary: "a test whether `grep` printed something")
  package static let help: String? = "write `grep -q`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`grep` says by its status whether it found something"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A test whether `grep` printed something.",
      why: "It reads on to the end, and the text is collected for nothing.",
      instead: "Write `grep -q`.",
      sources: ["https://www.shellcheck.net/wiki/SC2143"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN [ «-n» "$(cat /a | grep b)" ]

          """),
        .good(
          """
          FROM debian:12
          RUN grep -q b /a

          """),
      ])
  }
}
