import Diagnostics

/// SC3037: flags of `echo` in a POSIX shell.
package struct EchoFlag: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3037", "echo-flag"), .warning, summary: "flags of `echo` in a POSIX shell")
  package static let help: String? = "use `printf`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "what `echo \(subject)` does depends on the shell"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "Flags of `echo` in a POSIX shell.",
      why: "dash prints the `-e`; bash and BusyBox take it for an option.",
      instead: "Use `printf`.",
      sources: ["https://www.shellcheck.net/wiki/SC3037"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo «-e» 'a' > /b

          """),
        .good(
          #"""
          FROM debian:12
          RUN printf 'a\n' > /b

          """#),
      ])
  }
}
