import Diagnostics

/// SC3022: `{name}>` in a POSIX shell.
package struct NamedDescriptor: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3022", "named-descriptor"), .warning, summary: "`{name}>` in a POSIX shell")
  package static let help: String? = "write a number"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no named descriptors" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`{name}>` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Write a number.",
      sources: ["https://www.shellcheck.net/wiki/SC3022"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a «{fd}>/b»

          """),
        .good(
          """
          FROM debian:12
          RUN a 3>/b

          """),
      ])
  }
}
