import Diagnostics

/// SC3010: `[[ ]]` in a POSIX shell.
package struct DoubleBrackets: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3010", "double-brackets"), .warning, summary: "`[[ ]]` in a POSIX shell")
  package static let help: String? = "write `[ ]` with quotes, or use bash with SHELL"

  package init() {}

  package static func message(_ subject: String) -> String { "a POSIX shell has no `[[ ]]`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`[[ ]]` in a POSIX shell.",
      why: """
        `/bin/sh` is dash on Debian and Ubuntu and BusyBox on Alpine: there it is an error or means \
        something else.
        """,
      instead: "Write `[ ]` with quotes, or use bash with SHELL.",
      sources: ["https://www.shellcheck.net/wiki/SC3010"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN if «[[ -f /a ]]»; then b; fi

          """),
        .good(
          """
          FROM debian:12
          RUN if [ -f /a ]; then b; fi

          """),
      ],
      differences: [
        HadolintDifference(
          "SHELL stays in effect behind ENV and ARG; hadolint 2.15.1 goes back to `/bin/sh` there",
          """
          FROM a:1
          SHELL ["/bin/bash", "-c"]
          ENV A=1
          RUN [[ -f /a ]]

          """, ours: [], strict: [4]),
        HadolintDifference(
          "a here-document with `#!/bin/bash` is read by bash",
          """
          FROM a:1
          RUN <<E
          #!/bin/bash
          [[ -f /a ]]
          E


          """, ours: [], strict: [2]),
      ])
  }
}
