import Diagnostics

/// SC1072: a script that the grammar of the shell refuses.
package struct UnreadableScript: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1072", "unreadable-script"), .error,
    summary: "a script that the grammar of the shell refuses")
  package static let help: String? = "look for a quote, bracket or reserved word that is not closed"

  package init() {}

  package static func message(_ subject: String) -> String { "the shell cannot read the script from here on" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A script that the grammar of the shell refuses.",
      why: """
        The shell stops at the mistake, and so does the build. Nothing else can be said about the script.
        """,
      instead: "Look for a quote, bracket or reserved word that is not closed.",
      sources: ["https://www.shellcheck.net/wiki/SC1072"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo «'a»

          """),
        .good(
          """
          FROM debian:12
          RUN echo 'a'

          """),
      ],
      differences: [
        HadolintDifference(
          "a here-document for python is no shell script",
          """
          FROM a:1
          RUN <<E
          #!/usr/bin/python3
          print('a')
          E

          RUN <<E python3
          if a: b('c')
          E


          """, ours: [], strict: [7])
      ])
  }
}
