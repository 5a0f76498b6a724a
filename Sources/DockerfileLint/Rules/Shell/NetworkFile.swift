import Diagnostics

/// SC3025: `/dev/tcp` or `/dev/udp` in a POSIX shell.
package struct NetworkFile: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3025", "network-file"), .warning, summary: "`/dev/tcp` or `/dev/udp` in a POSIX shell")
  package static let help: String? = "use curl or nc, or bash"

  package init() {}

  package static func message(_ subject: String) -> String { "only bash opens a connection here" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`/dev/tcp` or `/dev/udp` in a POSIX shell.",
      why: "For other shells this is a file.",
      instead: "Use curl or nc, or bash.",
      sources: ["https://www.shellcheck.net/wiki/SC3025"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a «< /dev/tcp/localhost/80»

          """),
        .good(
          """
          FROM debian:12
          RUN nc localhost 80

          """),
      ])
  }
}
