import Diagnostics
package import DockerfileSyntax

/// DL3040: what dnf fetches stays in the layer.
package struct KeptDnfCache: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3040", "kept-dnf-cache"), .warning, fix: .safe, visits: [.run], visitsTriggers: true,
    commands: families.flatMap { $0.programs }, summary: "the cache of dnf stays in the layer")

  private static let verbs = [
    "install", "in", "upgrade", "up", "upgrade-minimal", "up-min", "reinstall", "rei",
  ]
  private static let folders = ["/var/cache/libdnf5", "/var/cache/dnf", "/var/cache/yum"]
  /// dnf is dnf5 or the one before it, and yum another name of it; microdnf has settings of its own.
  private static let families = [
    CacheCleanup(
      programs: ["dnf", "dnf5"], verbs: verbs, cleaners: ["dnf", "dnf5", "yum"], cleaningVerbs: ["clean"],
      folders: folders, command: "dnf clean all"),
    CacheCleanup(
      programs: ["microdnf"], verbs: verbs, cleaners: ["microdnf"], cleaningVerbs: ["clean"],
      folders: folders,
      command: "microdnf clean all"),
  ]
  private static let strictFamilies = ["dnf", "microdnf"].map { name in
    CacheCleanup(
      programs: [name], verbs: verbs, cleaners: [name], cleaningVerbs: ["clean", "all"], folders: [],
      command: "\(name) clean all")
  }

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .run(let run) = instruction.details else { return }
    let isStrict = context.isStrict
    for family in isStrict ? Self.strictFamilies : Self.families {
      let calls =
        isStrict
        ? family.uncleanedStrictly(in: instruction, context) {
          $0.is(family.programs[0], "clean", "all") || $0.is("rm", "-rf", "/var/cache/libdnf5*")
        } : family.uncleaned(in: instruction, context)
      guard !calls.isEmpty else { continue }
      let mountable = [Self.folders[0], ".cache/libdnf5"] + (isStrict ? [] : Self.folders.dropFirst())
      if mountable.contains(where: { run.hasCacheMount(at: $0, isStrict: isStrict) }) { return }
      let diagnostic = family.diagnostic(
        Self.metadata, calls,
        "what \(calls[0].command.name) fetches stays in the layer, and nothing needs it there",
        note: "this stays too", of: instruction, context
      ) { $0.isPlainList ? .safe : .unsafe }
      if let diagnostic { findings.report(diagnostic, at: instruction.index) }
      return
    }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        RUN in which `dnf` or `microdnf` installs or upgrades, and behind that neither their `clean` nor a removal of their \
        cache stands, unless a cache or tmpfs is mounted there.
        """,
      why: """
        dnf keeps the lists of its repositories, and perhaps the packages: often more than what is installed. Cleaning in \
        a later RUN does not help: the layer below keeps them.
        """,
      instead: "End the RUN with `&& dnf clean all`.",
      fixSafety: """
        The command is appended to the RUN. Unsafe in a script with conditions or loops, because dnf may be absent where \
        it ends. None for the exec form, for here-documents, behind `sudo`, and where it is not certain that a last \
        command is run.
        """,
      sources: [
        "https://github.com/hadolint/hadolint", "https://dnf.readthedocs.io/en/latest/command_ref.html",
      ],
      examples: [
        .bad(
          """
          FROM fedora:41
          RUN «dnf install» -y \\
                curl-8.9.1

          """,
          fixed: """
            FROM fedora:41
            RUN dnf install -y \\
                  curl-8.9.1 \\
                  && dnf clean all

            """),
        .bad(
          """
          FROM registry.example.com/ubi:9
          RUN «microdnf upgrade» -y

          """,
          fixed: """
            FROM registry.example.com/ubi:9
            RUN microdnf upgrade -y && microdnf clean all

            """),
        .good(
          """
          FROM fedora:41
          RUN dnf install -y curl-8.9.1 && dnf clean all
          RUN --mount=type=cache,target=/var/cache/libdnf5 dnf install -y git-2.47.0

          """),
      ],
      differences: [
        .hidden("dnf install curl"),
        HadolintDifference(
          "hadolint takes any `rm -rf` for one of the cache",
          "FROM a:1\nRUN dnf install -y curl-1 && rm -rf /tmp/x\n", ours: [2], strict: []),
        HadolintDifference(
          "what counts is whether something is cleaned behind the last call, not behind the first",
          """
          FROM a:1
          RUN dnf clean all && dnf install -y curl-1 && dnf clean all
          RUN dnf install -y curl-1 && dnf clean all && dnf install -y git-1

          """, ours: [3], strict: [2]),
        HadolintDifference(
          "`yum` is another name of dnf, and `dnf5` is dnf",
          """
          FROM a:1
          RUN dnf install -y curl-1 && yum clean all
          RUN dnf5 install -y curl-1

          """, ours: [3], strict: [2]),
        HadolintDifference(
          "before dnf5 the cache is in `/var/cache/dnf`, or in `/var/cache/yum`",
          "FROM a:1\nRUN --mount=type=cache,target=/var/cache/dnf dnf install -y curl-1\n", ours: [],
          strict: [2]),
      ])
  }
}
