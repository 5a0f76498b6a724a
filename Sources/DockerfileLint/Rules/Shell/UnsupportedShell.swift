import Diagnostics

/// SC1071: a SHELL that ShellCheck cannot read, in strict mode.
package struct UnsupportedShell: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1071", "unsupported-shell"), .error,
    summary: "a SHELL that ShellCheck cannot read, in strict mode")

  package init() {}

  package static func message(_ subject: String) -> String {
    "hadolint cannot check scripts for `\(subject)`"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A SHELL that ShellCheck cannot read, in strict mode.",
      why: "hadolint says so at every RUN. Outside strict mode such scripts are left alone.",
      instead: "Nothing needs to be changed for the build.",
      sources: ["https://www.shellcheck.net/wiki/SC1071"],
      examples: [
        .bad(
          """
          FROM debian:12
          SHELL ["/bin/zsh", "-c"]
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
          "a SHELL that cannot be checked is no mistake",
          """
          FROM a:1
          SHELL ["/bin/zsh", "-c"]
          RUN a

          """, ours: [], strict: [3])
      ])
  }
}
