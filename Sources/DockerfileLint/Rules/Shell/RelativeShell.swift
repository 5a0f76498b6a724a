import Diagnostics

/// SC2239: a SHELL that is no absolute path, in strict mode.
package struct RelativeShell: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2239", "relative-shell"), .error,
    summary: "a SHELL that is no absolute path, in strict mode")

  package init() {}

  package static func message(_ subject: String) -> String { "`\(subject)` is no absolute path" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A SHELL that is no absolute path, in strict mode.",
      why: """
        hadolint turns the SHELL into a shebang, in which ShellCheck wants a path. In a Dockerfile a name is \
        fine, so this is said in strict mode only.
        """,
      instead: "Nothing needs to be changed for the build.",
      sources: ["https://www.shellcheck.net/wiki/SC2239"],
      examples: [
        .bad(
          """
          FROM debian:12
          SHELL ["bash", "-c"]
          «RUN» echo a

          """, settings: LintSettings { $0.isStrict = true }),
        .good(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN echo a

          """, settings: LintSettings { $0.isStrict = true }),
      ],
      differences: [
        HadolintDifference(
          "a SHELL needs no path: the name is looked up",
          """
          FROM a:1
          SHELL ["bash", "-c"]
          RUN a

          """, ours: [], strict: [3])
      ])
  }
}
