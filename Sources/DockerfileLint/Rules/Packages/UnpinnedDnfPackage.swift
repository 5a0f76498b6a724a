import Diagnostics
package import DockerfileSyntax

/// DL3041: a package that dnf installs without a version.
package struct UnpinnedDnfPackage: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3041", "unpinned-dnf-package"), .warning, visits: [.run, .from, .arg, .env],
    visitsTriggers: true, commands: packages.programs,
    summary: "a package that dnf installs without a version")

  private static let strictPackages = RpmPackages(
    programs: ["dnf", "microdnf"], groups: ["group"], otherGroups: ["group"])
  private static let packages = RpmPackages(
    programs: ["dnf", "microdnf", "dnf5"], groups: ["group"], otherGroups: ["group", "groups"])
  private var variables = PackageVariables()

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard instruction.kind == .run else { return variables.learn(instruction, isStrict: context.isStrict) }
    let rule = context.isStrict ? Self.strictPackages : Self.packages
    let packages = rule.unpinned(in: instruction, variables, context)
    guard !packages.isEmpty else { return }
    UnpinnedPackages(metadata: Self.metadata, separator: "-").report(packages, of: instruction, &findings)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `install` of `dnf`, `dnf5` or `microdnf` with a package that has no version (`name-version`) and is no `.rpm` file, \
        or a module without a stream (`name:stream`). A version in a variable counts when an ARG or ENV sets it.
        """,
      why: """
        dnf takes the newest version there is. The same Dockerfile gives another image tomorrow, and what is tested is not \
        what is shipped.
        """,
      instead: "Write the version that you test with: `curl-8.9.1`, or more of it.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://dnf.readthedocs.io/en/latest/command_ref.html",
      ],
      examples: [
        .bad(
          """
          FROM fedora:41
          RUN dnf install -y «curl» git-2.47.0 ‹python3-devel› && dnf clean all

          """),
        .good(
          """
          FROM fedora:41
          ENV GIT=2.47.0
          RUN dnf install -y curl-8.9.1 git-${GIT} https://example.com/app-latest.rpm && dnf clean all
          RUN dnf module install -y nodejs:20 && dnf clean all

          """),
      ],
      differences: [
        .hidden("dnf install curl"), .endOfOptions("dnf install -y -- curl-1 && dnf clean all"),
        .valueOfOption("dnf install -y --enablerepo epel curl-1 && dnf clean all"),
        HadolintDifference(
          "a file is one version of a package, whatever its name", "FROM a:1\nRUN dnf install -y foo.rpm\n",
          ours: [], strict: [2]),
        HadolintDifference(
          "a module with its stream has what can be pinned of it",
          "FROM a:1\nRUN dnf install -y @nodejs:20\n",
          ours: [], strict: [2]),
        HadolintDifference(
          "`dnf5` is dnf", "FROM a:1\nRUN dnf5 install -y curl && dnf5 clean all\n", ours: [2], strict: []),
      ])
  }
}
