import Diagnostics
package import DockerfileSyntax

/// DL3033: a package that yum installs without a version.
package struct UnpinnedYumPackage: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3033", "unpinned-yum-package"), .warning, visits: [.run, .from, .arg, .env],
    visitsTriggers: true, commands: packages.programs,
    summary: "a package that yum installs without a version")

  private static let packages = RpmPackages(programs: ["yum"], groups: [], otherGroups: ["group", "groups"])
  private var variables = PackageVariables()

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard instruction.kind == .run else { return variables.learn(instruction, isStrict: context.isStrict) }
    let packages = Self.packages.unpinned(in: instruction, variables, context)
    guard !packages.isEmpty else { return }
    UnpinnedPackages(metadata: Self.metadata, separator: "-").report(packages, of: instruction, &findings)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `yum install` with a package that has no version (`name-version`) and is no `.rpm` file, or a module without a \
        stream (`name:stream`). A version in a variable counts when an ARG or ENV sets it.
        """,
      why: """
        yum takes the newest version there is. The same Dockerfile gives another image tomorrow, and what is tested is not \
        what is shipped.
        """,
      instead: "Write the version that you test with: `curl-7.29.0`, or more of it.",
      sources: ["https://github.com/hadolint/hadolint", "https://man7.org/linux/man-pages/man8/yum.8.html"],
      examples: [
        .bad(
          """
          FROM centos:7
          RUN yum install -y «curl» git-1.8.3.1 ‹python3-devel› && yum clean all

          """),
        .good(
          """
          FROM centos:7
          ARG GIT=1.8.3.1
          RUN yum install -y curl-7.29.0 git-${GIT} https://example.com/app-latest.rpm && yum clean all
          RUN yum module install -y nodejs:20 && yum clean all

          """),
      ],
      differences: [
        .hidden("yum install curl"), .endOfOptions("yum install -y -- curl-1 && yum clean all"),
        .valueOfOption("yum install -y --enablerepo epel curl-1 && yum clean all"),
        HadolintDifference(
          "a file is one version of a package, whatever its name", "FROM a:1\nRUN yum install -y ./app.rpm\n",
          ours: [], strict: [2]),
        HadolintDifference(
          "groups have no versions", "FROM a:1\nRUN yum group install -y Tools\n", ours: [], strict: [2]),
        HadolintDifference(
          "one ARG can declare several names", "FROM a:1\nARG A=1 B=2\nRUN yum install -y git-${B}\n",
          ours: [],
          strict: [3]),
      ])
  }
}
