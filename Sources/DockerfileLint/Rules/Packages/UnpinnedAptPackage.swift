import Diagnostics
package import DockerfileSyntax

/// DL3008: a package that apt-get installs without a version.
package struct UnpinnedAptPackage: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3008", "unpinned-apt-package"), .warning, visits: [.run], visitsTriggers: true,
    commands: programs, summary: "a package that apt-get installs without a version")

  private static let programs = ["apt-get"]
  private static let verbs = ["install"]
  private static let values: Set<Substring> = ["t", "target-release"]
  private static let otherValues: Set<Substring> = [
    "default-release", "o", "option", "c", "config-file", "a", "host-architecture", "P", "build-profiles",
  ]

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    let packages = context.packageCalls(Self.programs, Self.verbs, in: instruction).flatMap { call in
      call.packages(without: Self.verbs, values: Self.values, others: Self.otherValues, context).filter {
        !$0.text.utf8.contains(0x3D) && !$0.text.utf8.contains(0x2F) && !$0.text.hasSuffix(".deb")
      }
    }
    guard !packages.isEmpty else { return }
    UnpinnedPackages(metadata: Self.metadata, separator: "=").report(packages, of: instruction, &findings)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `apt-get install` with a package that has no version (`name=version`), no release (`name/release`), and is no \
        file (a path, or `….deb`).
        """,
      why: """
        The archive holds the newest version only. The same Dockerfile gives another image tomorrow, and what is tested \
        is not what is shipped.
        """,
      instead: """
        Write the version that you test with: `curl=7.88.1-10+deb12u8`, or `curl=7.88.*` to follow its repairs. An \
        archive drops old versions, so that an exact one fails some day; a snapshot of the archive keeps them.
        """,
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://docs.docker.com/build/building/best-practices/#version-pinning",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN apt-get update && apt-get install -y --no-install-recommends «curl» git=1:2.39.* ‹make›
          RUN apt-get install -y -t bookworm-backports «cmake»

          """),
        .good(
          """
          FROM debian:12
          COPY app.deb /tmp/
          RUN apt-get update \\
            && apt-get install -y --no-install-recommends curl=7.88.* git/bookworm /tmp/app.deb \\
            && rm -rf /var/lib/apt/lists/*

          """),
      ],
      differences: [
        .hidden("apt-get install curl"), .endOfOptions("apt-get install -- curl=1"),
        .valueOfOption("apt-get install --default-release backports curl=1"),
      ])
  }
}
