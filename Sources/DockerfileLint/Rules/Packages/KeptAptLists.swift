import Diagnostics
package import DockerfileSyntax

/// DL3009: the lists of packages stay in the layer.
package struct KeptAptLists: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3009", "kept-apt-lists"), .info, fix: .safe, visits: [.from, .run, .onbuild],
    visitsTriggers: true,
    commands: cleanup.programs, summary: "the lists of apt stay in the layer")

  private static let cleanup = CacheCleanup(
    programs: ["apt", "apt-get", "aptitude"], verbs: ["update"], cleaners: ["apt", "apt-get"],
    cleaningVerbs: ["dist-clean", "distclean"], folders: [lists], command: "rm -rf /var/lib/apt/lists/*")
  private static let lists = "/var/lib/apt/lists"
  /// What needs the lists.
  private static let readers = [
    "install", "upgrade", "dist-upgrade", "full-upgrade", "build-dep", "source", "download",
  ]

  /// A RUN that keeps the lists.
  private struct Leak {
    let instruction: Instruction
    let stage: StageUse.Key
    let calls: [PackageCall]
  }
  private var stages = StageUse()
  private var leaks: [Leak] = []
  /// The last RUN that needs lists and does not fetch them.
  private var lastReader = -1

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    switch instruction.details {
    case .from(let from): stages.enter(from, isStrict: context.isStrict)
    case .run(let run):
      let isStrict = context.isStrict
      let updates = context.packageCalls(Self.cleanup.programs, Self.cleanup.verbs, in: instruction)
      guard !updates.isEmpty else {
        if needsLists(instruction, context) { lastReader = instruction.index }
        return
      }
      let calls =
        isStrict ? kept(updates, instruction, context) : Self.cleanup.uncleaned(in: instruction, context)
      let isMounted =
        run.hasCacheMount(at: Self.lists, isStrict: isStrict)
        || run.hasCacheMount(at: "/var/lib/apt", isStrict: isStrict)
          && run.hasCacheMount(at: "/var/cache/apt", isStrict: isStrict)
      if !calls.isEmpty, !isMounted {
        leaks.append(Leak(instruction: instruction, stage: stages.current, calls: calls))
      }
    case .onbuild(let trigger?):
      if needsLists(trigger, context) { lastReader = instruction.index }
    default: break
    }
  }

  private func needsLists(_ instruction: Instruction, _ context: LintContext) -> Bool {
    !context.packageCalls(Self.cleanup.programs, Self.readers, in: instruction).isEmpty
  }

  /// hadolint's test: any `rm` with one of these words will do, wherever it stands.
  private func kept(
    _ updates: [PackageCall], _ instruction: Instruction, _ context: LintContext
  ) -> [PackageCall] {
    let isCleaned = context.commands(of: instruction).contains {
      $0.is("rm", "-rf", "/var/lib/apt/lists/*")
    }
    return isCleaned ? [] : updates
  }

  package mutating func finish(_ context: LintContext, _ findings: inout Findings) {
    for leak in leaks where stages.isUsed(leak.stage) {
      let diagnostic = Self.cleanup.diagnostic(
        Self.metadata, leak.calls,
        "the lists that `update` fetches stay in the layer, and nothing needs them there",
        note: "these stay too", of: leak.instruction, context
      ) { _ in leak.instruction.index >= lastReader ? .safe : nil }
      if let diagnostic { findings.report(diagnostic, at: leak.instruction.index) }
    }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        RUN with `apt-get update` (or `apt`, `aptitude`) behind which nothing removes `/var/lib/apt/lists`, unless a cache \
        or tmpfs is mounted there. Only in the last stage and in stages that others build on.
        """,
      why: """
        The lists are 20 to 50 MB in each image, and out of date the day after. Removing them in a later RUN does not \
        help: the layer below keeps them.
        """,
      instead: """
        Update, install and remove the lists in one RUN, or mount a cache: \
        `RUN --mount=type=cache,target=/var/lib/apt,sharing=locked …`.
        """,
      fixSafety: """
        Safe: the command is appended to the RUN. No fix when a later RUN installs something without an update of its own, \
        for the exec form, for here-documents, behind `sudo`, and where it is not certain that a last command is run.
        """,
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://docs.docker.com/build/building/best-practices/#apt-get",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «apt-get update» \\
            && apt-get install -y --no-install-recommends curl=7.88.*

          """,
          fixed: """
            FROM debian:12
            RUN apt-get update \\
              && apt-get install -y --no-install-recommends curl=7.88.* \\
              && rm -rf /var/lib/apt/lists/*

            """),
        .bad(
          """
          FROM debian:12
          RUN «apt-get update»
          RUN apt-get install -y --no-install-recommends curl=7.88.*

          """),
        .good(
          """
          FROM debian:12 AS build
          RUN apt-get update && apt-get install -y --no-install-recommends make=4.3-*

          FROM debian:12-slim
          RUN apt-get update \\
            && apt-get install -y --no-install-recommends curl=7.88.* \\
            && rm -rf /var/lib/apt/lists/*
          RUN --mount=type=cache,target=/var/lib/apt/lists apt-get update

          """),
      ],
      differences: [
        .hidden("apt-get update"),
        HadolintDifference(
          "hadolint takes any `rm -rf` for one of the lists",
          "FROM a:1\nRUN apt-get update && rm -rf /tmp/x\n",
          ours: [2], strict: []),
        HadolintDifference(
          "what is removed before the update is there again after it",
          "FROM a:1\nRUN rm -rf /var/lib/apt/lists/* && apt-get update\n", ours: [2], strict: []),
        HadolintDifference(
          "the lists are also gone with other spellings of `rm`, with `find -delete`, and with `apt-get dist-clean`",
          """
          FROM a:1
          RUN apt-get update && rm -r /var/lib/apt/lists
          RUN apt-get update && rm -fr /var/lib/{apt,dpkg}/
          RUN apt-get update && find /var/lib/apt/lists -type f -delete
          RUN apt-get update && apt-get dist-clean

          """, ours: [], strict: [2, 3, 4, 5]),
        HadolintDifference(
          "the lists are in `/var/lib/apt`, so that a mount there is enough",
          "FROM a:1\nRUN --mount=type=cache,target=/var/lib/apt apt-get update\n", ours: [], strict: [2]),
        HadolintDifference(
          "two stages with the same FROM line are two stages",
          "FROM a:1\nRUN apt-get update\nFROM a:1\nCOPY --from=0 /x /x\n", ours: [], strict: [2]),
      ])
  }
}
