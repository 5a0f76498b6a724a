import Diagnostics
package import DockerfileSyntax

/// DL3035: `zypper dist-upgrade`.
package struct ZypperDistUpgrade: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3035", "zypper-dist-upgrade"), .warning, visits: [.run], visitsTriggers: true,
    commands: programs, summary: "a whole distribution upgraded with zypper")

  private static let programs = ["zypper"]
  private static let verbs = ["dist-upgrade", "dup"]

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    let calls = context.packageCalls(Self.programs, Self.verbs, in: instruction)
    guard let first = calls.first else { return }
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "`zypper \(first.verb.text)` makes another distribution of the base image, whatever its tag says",
        at: first.range, notes: calls.dropFirst().map { Note("here too", at: $0.range) },
        help: "take a newer base image, or update the packages that you need"),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`zypper dist-upgrade` or `zypper dup`.",
      why: """
        It replaces all of the base image by whatever the repositories hold on the day of the build. The image grows by \
        all that is replaced, and nobody can tell any more which base it has.
        """,
      instead: "Name a newer base image in FROM, and leave its upgrades to those who make it.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://en.opensuse.org/SDB:Zypper_manual_(plain)",
      ],
      examples: [
        .bad(
          """
          FROM opensuse/leap:15.6
          RUN «zypper -n dup» && zypper clean

          """),
        .good(
          """
          FROM opensuse/leap:15.6
          RUN zypper -n install curl=8.6.0 && zypper clean

          """),
      ],
      differences: [.hidden("zypper dup")])
  }
}
