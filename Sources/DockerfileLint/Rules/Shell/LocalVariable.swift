import Diagnostics

/// SC3043: `local` in a POSIX shell.
package struct LocalVariable: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3043", "local-variable"), .warning, summary: "`local` in a POSIX shell")
  package static let help: String? = "use names of their own, or a subshell"

  package init() {}

  package static func message(_ subject: String) -> String { "POSIX does not have `local`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`local` in a POSIX shell.",
      why: "Most shells know it all the same; ksh does not.",
      instead: "Use names of their own, or a subshell.",
      sources: ["https://www.shellcheck.net/wiki/SC3043"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN f() { «local a»; }; f

          """),
        .good(
          """
          FROM debian:12
          RUN f() { a=1; echo "$a"; }; f

          """),
      ])
  }
}
