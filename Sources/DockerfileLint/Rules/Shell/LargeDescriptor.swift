import Diagnostics

/// SC3023: a descriptor above 9 in a POSIX shell.
package struct LargeDescriptor: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3023", "large-descriptor"), .warning, summary: "a descriptor above 9 in a POSIX shell")
  package static let help: String? = "use a smaller number"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell knows descriptors up to 9 only" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A descriptor above 9 in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Use a smaller number.",
      sources: ["https://www.shellcheck.net/wiki/SC3023"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a «10>/b»

          """),
        .good(
          """
          FROM debian:12
          RUN a 3>/b

          """),
      ])
  }
}
