import Diagnostics
package import DockerfileSyntax

/// DL3034: zypper that asks.
package struct ZypperWithoutYes: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3034", "zypper-without-yes"), .warning, fix: .safe, visits: [.run],
    visitsTriggers: true,
    commands: programs, summary: "zypper that asks before it changes something")

  private static let programs = ["zypper"]
  private static let verbs = ["install", "in", "remove", "rm", "source-install", "si", "patch"]

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    let calls = context.packageCalls(Self.programs, Self.verbs, in: instruction).filter {
      !$0.command.hasFlag("non-interactive", "n", "no-confirm", "y")
    }
    guard !calls.isEmpty else { return }
    MissingOption(
      metadata: Self.metadata, option: "--non-interactive", isGlobal: true,
      reason: "asks before it changes something, and nobody answers during a build"
    ).report(calls, of: instruction, &findings)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `zypper` with `install`, `remove`, `source-install`, `patch` or a short form of them, without \
        `--non-interactive`, `-n`, `--no-confirm` or `-y`.
        """,
      why: "zypper asks whether to go on. Nobody answers during a build, and the build fails.",
      instead: "Write `zypper --non-interactive install`.",
      fixSafety: "Safe. None for the exec form and where the verb is quoted.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://en.opensuse.org/SDB:Zypper_manual_(plain)",
      ],
      examples: [
        .bad(
          """
          FROM opensuse/leap:15.6
          RUN «zypper install» curl=8.6.0 && zypper clean

          """,
          fixed: """
            FROM opensuse/leap:15.6
            RUN zypper --non-interactive install curl=8.6.0 && zypper clean

            """),
        .good(
          """
          FROM opensuse/leap:15.6
          RUN zypper -n in curl=8.6.0 && zypper rm -y vim && zypper clean

          """),
      ],
      differences: [.hidden("zypper install curl")])
  }
}
