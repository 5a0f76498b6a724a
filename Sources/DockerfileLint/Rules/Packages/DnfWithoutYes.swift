import Diagnostics
package import DockerfileSyntax

/// DL3038: `dnf install` that asks.
package struct DnfWithoutYes: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3038", "dnf-without-yes"), .warning, fix: .safe, visits: [.run], visitsTriggers: true,
    commands: programs, summary: "dnf install that asks before it installs")

  private static let strictPrograms = ["dnf", "microdnf"]
  private static let programs = ["dnf", "microdnf", "dnf5"]
  private static let verbs = ["install", "groupinstall", "localinstall"]

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    let programs = context.isStrict ? Self.strictPrograms : Self.programs
    let calls = context.packageCalls(programs, Self.verbs, in: instruction).filter {
      !$0.command.hasFlag("y", "assumeyes")
    }
    guard !calls.isEmpty else { return }
    MissingOption(
      metadata: Self.metadata, option: "-y",
      reason: "asks before it installs, and nobody answers during a build"
    ).report(calls, of: instruction, &findings)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `install`, `groupinstall` or `localinstall` of `dnf`, `dnf5` or `microdnf` without `-y` or `--assumeyes`.
        """,
      why:
        "dnf asks whether to go on. Nobody answers during a build, dnf takes that for a no, and the build fails.",
      instead: "Write `dnf install -y`.",
      fixSafety: "Safe. None for the exec form and where the verb is quoted.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://dnf.readthedocs.io/en/latest/command_ref.html",
      ],
      examples: [
        .bad(
          """
          FROM fedora:41
          RUN «dnf install» curl-8.9.1 && dnf clean all

          """,
          fixed: """
            FROM fedora:41
            RUN dnf install -y curl-8.9.1 && dnf clean all

            """),
        .good(
          """
          FROM fedora:41
          RUN dnf -y install curl-8.9.1 && dnf clean all

          """),
      ],
      differences: [
        .hidden("dnf install curl"),
        HadolintDifference(
          "`dnf5` is dnf", "FROM a:1\nRUN dnf5 install curl-8 && dnf5 clean all\n", ours: [2], strict: []),
      ])
  }
}
