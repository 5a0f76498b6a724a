import Diagnostics
package import DockerfileSyntax

/// DL3037: a package that zypper installs without a version.
package struct UnpinnedZypperPackage: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3037", "unpinned-zypper-package"), .warning, visits: [.run], visitsTriggers: true,
    commands: programs, summary: "a package that zypper installs without a version")

  private static let programs = ["zypper"]
  private static let verbs = ["install", "in"]
  private static let otherValues: Set<Substring> = [
    "t", "type", "r", "repo", "from", "p", "plus-repo", "R", "root", "installroot", "c", "config",
  ]

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    let packages = context.packageCalls(Self.programs, Self.verbs, in: instruction).flatMap { call in
      call.packages(without: Self.verbs, values: [], others: Self.otherValues, context).filter {
        // One of `=`, `<`, `>`.
        !$0.text.utf8.contains { $0 == 0x3D || $0 == 0x3C || $0 == 0x3E } && !$0.text.hasSuffix(".rpm")
      }
    }
    guard !packages.isEmpty else { return }
    UnpinnedPackages(metadata: Self.metadata, separator: "=").report(packages, of: instruction, &findings)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`zypper install` with a package that has no version (`=`, `<`, `>`) and is no `.rpm` file.",
      why: """
        zypper takes the newest version there is. The same Dockerfile gives another image tomorrow, and what is tested is \
        not what is shipped.
        """,
      instead: "Write the version that you test with: `curl=8.6.0`, or `'curl>=8.6'` for the least.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://en.opensuse.org/SDB:Zypper_manual_(plain)",
      ],
      examples: [
        .bad(
          """
          FROM opensuse/leap:15.6
          RUN zypper -n install «curl» git=2.43.0 ‹make› && zypper clean

          """),
        .good(
          """
          FROM opensuse/leap:15.6
          RUN zypper -n install curl=8.6.0 'git>=2.43' https://example.com/app.rpm && zypper clean

          """),
      ],
      differences: [
        .hidden("zypper install curl"), .endOfOptions("zypper -n install -- curl=1 && zypper clean"),
        .valueOfOption("zypper -n install --from oss curl=1 && zypper clean"),
      ])
  }
}
