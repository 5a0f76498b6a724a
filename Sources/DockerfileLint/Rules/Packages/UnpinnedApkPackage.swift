import Diagnostics
package import DockerfileSyntax

/// DL3018: a package that apk installs without a version.
package struct UnpinnedApkPackage: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3018", "unpinned-apk-package"), .warning, visits: [.run], visitsTriggers: true,
    commands: programs, summary: "a package that apk adds without a version")

  private static let programs = ["apk"]
  private static let verbs = ["add"]
  private static let values: Set<Substring> = ["t", "virtual", "repository", "X"]
  private static let otherValues: Set<Substring> = [
    "p", "root", "arch", "cache-dir", "cache-max-age", "keys-dir", "repositories-file", "wait", "timeout",
    "progress-fd",
  ]

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    let packages = context.packageCalls(Self.programs, Self.verbs, in: instruction).flatMap { call in
      call.packages(without: Self.verbs, values: Self.values, others: Self.otherValues, context).filter {
        // One of `=`, `~`, `<`, `>`.
        !$0.text.utf8.contains { $0 == 0x3D || $0 == 0x7E || $0 == 0x3C || $0 == 0x3E }
          && !$0.text.hasSuffix(".apk")
      }
    }
    guard !packages.isEmpty else { return }
    UnpinnedPackages(metadata: Self.metadata, separator: "=").report(packages, of: instruction, &findings)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`apk add` with a package that has no version (`=`, `~`, `<`, `>`) and is no `.apk` file.",
      why: """
        The repository of a release holds the newest version only. The same Dockerfile gives another image tomorrow, and \
        what is tested is not what is shipped.
        """,
      instead: """
        Write the version that you test with: `curl=8.12.1-r1`, or `curl~8.12` to follow its repairs. The repository drops \
        old versions, so that an exact one fails some day.
        """,
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://man.archlinux.org/man/extra/apk-tools/apk-world.5.en",
      ],
      examples: [
        .bad(
          """
          FROM alpine:3.21
          RUN apk add --no-cache --virtual .build «gcc» 'make~4.4' ‹musl-dev›

          """),
        .good(
          """
          FROM alpine:3.21
          COPY app.apk /tmp/
          RUN apk add --no-cache --virtual .build 'gcc>14' make~4.4 curl=8.12.1-r1 /tmp/app.apk

          """),
      ],
      differences: [
        .hidden("apk add curl"), .endOfOptions("apk add --no-cache -- curl=1"),
        .valueOfOption("apk add --no-cache --root /mnt curl=1"),
      ])
  }
}
