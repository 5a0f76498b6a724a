import Diagnostics
package import DockerfileSyntax

/// DL3019: the index of apk stays in the layer.
package struct KeptApkCache: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3019", "kept-apk-cache"), .info, fix: .safe, visits: [.run], visitsTriggers: true,
    commands: programs, summary: "the index of apk stays in the layer")

  private static let programs = ["apk"]
  private static let verbs = ["add"]

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .run(let run) = instruction.details else { return }
    let calls = context.packageCalls(Self.programs, Self.verbs, in: instruction).filter {
      !$0.command.hasFlag("no-cache") && (context.isStrict || !$0.command.hasFlag("no-network"))
    }
    guard !calls.isEmpty, !run.hasCacheMount(at: "/var/cache/apk", isStrict: context.isStrict),
      context.isStrict || !run.hasCacheMount(at: "/etc/apk/cache", isStrict: false)
    else { return }
    guard !calls.isEmpty else { return }
    MissingOption(
      metadata: Self.metadata, option: "--no-cache", reason: "leaves its index of packages in the layer"
    ).report(calls, of: instruction, &findings)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `apk add` without `--no-cache`, unless a cache or tmpfs is mounted at `/var/cache/apk` or `/etc/apk/cache`.
        """,
      why: """
        apk keeps the index of its repositories in `/var/cache/apk`: megabytes that are of no use in the image and out of \
        date soon.
        """,
      instead:
        "Write `apk add --no-cache`. It also fetches a fresh index, so that neither `apk update` nor `rm` is needed.",
      fixSafety: "Safe. None for the exec form and where `add` is quoted.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper",
      ],
      examples: [
        .bad(
          """
          FROM alpine:3.21
          RUN apk update && «apk add» curl~8.12

          """,
          fixed: """
            FROM alpine:3.21
            RUN apk update && apk add --no-cache curl~8.12

            """),
        .good(
          """
          FROM alpine:3.21
          RUN apk --no-cache add curl~8.12
          RUN --mount=type=cache,target=/var/cache/apk apk add git~2.47

          """),
      ],
      differences: [
        .hidden("apk add curl"),
        HadolintDifference(
          "without a network nothing is fetched that could stay",
          "FROM a:1\nRUN apk add --no-network curl=1\n",
          ours: [], strict: [2]),
        HadolintDifference(
          "a folder `/etc/apk/cache` takes the place of `/var/cache/apk`",
          "FROM a:1\nRUN --mount=type=cache,target=/etc/apk/cache apk add curl=1\n", ours: [], strict: [2]),
        HadolintDifference(
          "a mount at a folder above is a mount there too",
          "FROM a:1\nRUN --mount=type=cache,target=/var/cache apk add curl=1\n", ours: [], strict: [2]),
      ])
  }
}
