import Diagnostics
package import DockerfileSyntax

/// DL3032: what yum fetches stays in the layer.
package struct KeptYumCache: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3032", "kept-yum-cache"), .warning, fix: .safe, visits: [.run], visitsTriggers: true,
    commands: cleanup.programs, summary: "the cache of yum stays in the layer")

  private static let folders = ["/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5"]
  private static let cleanup = CacheCleanup(
    programs: ["yum"], verbs: ["install"], cleaners: ["yum", "dnf", "dnf5"], cleaningVerbs: ["clean"],
    folders: folders, command: "yum clean all")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .run(let run) = instruction.details else { return }
    let calls: [PackageCall]
    if context.isStrict {
      calls = Self.cleanup.uncleanedStrictly(in: instruction, context) {
        $0.is("yum", "clean", "all") || $0.is("rm", "-rf", "/var/cache/yum/*")
      }
    } else {
      calls = Self.cleanup.uncleaned(in: instruction, context)
      if Self.folders.contains(where: { run.hasCacheMount(at: $0, isStrict: false) }) { return }
    }
    let diagnostic = Self.cleanup.diagnostic(
      Self.metadata, calls, "what yum fetches stays in the layer, and nothing needs it there",
      note: "this stays too", of: instruction, context
    ) { $0.isPlainList ? .safe : .unsafe }
    if let diagnostic { findings.report(diagnostic, at: instruction.index) }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        RUN with `yum install` behind which neither `yum clean` nor a removal of `/var/cache/yum` stands, unless a cache \
        or tmpfs is mounted there.
        """,
      why: """
        yum keeps the lists of its repositories, and perhaps the packages: tens of megabytes that are of no use in the \
        image. Cleaning in a later RUN does not help: the layer below keeps them.
        """,
      instead: "End the RUN with `&& yum clean all`.",
      fixSafety: """
        The command is appended to the RUN. Unsafe in a script with conditions or loops, because yum may be absent where \
        it ends. None for the exec form, for here-documents, behind `sudo`, and where it is not certain that a last \
        command is run.
        """,
      sources: ["https://github.com/hadolint/hadolint", "https://man7.org/linux/man-pages/man8/yum.8.html"],
      examples: [
        .bad(
          """
          FROM centos:7
          RUN «yum install» -y curl-7.29.0

          """,
          fixed: """
            FROM centos:7
            RUN yum install -y curl-7.29.0 && yum clean all

            """),
        .bad(
          """
          FROM centos:7
          RUN if test -e /x; then «yum install» -y curl-7.29.0; fi

          """,
          unsafelyFixed: """
            FROM centos:7
            RUN if test -e /x; then yum install -y curl-7.29.0; fi && yum clean all

            """),
        .good(
          """
          FROM centos:7
          RUN yum install -y curl-7.29.0 && yum clean all
          RUN yum install -y git-1.8.3.1 && rm -rf /var/cache/yum

          """),
      ],
      differences: [
        .hidden("yum install curl"),
        HadolintDifference(
          "hadolint takes any `rm -rf` for one of the cache",
          "FROM a:1\nRUN yum install -y curl-1 && rm -rf /tmp/x\n", ours: [2], strict: []),
        HadolintDifference(
          "what counts is whether something is cleaned behind the last call, not behind the first",
          """
          FROM a:1
          RUN yum clean all && yum install -y curl-1 && yum clean all
          RUN yum install -y curl-1 && yum clean all && yum install -y git-1

          """, ours: [3], strict: [2]),
        HadolintDifference(
          "where there is dnf, yum is another name of it",
          "FROM a:1\nRUN yum install -y curl-1 && dnf clean all\n",
          ours: [], strict: [2]),
        HadolintDifference(
          "what is written to a mount is not in the layer",
          "FROM a:1\nRUN --mount=type=cache,target=/var/cache/yum yum install -y curl-1\n", ours: [],
          strict: [2]),
      ])
  }
}
