import Diagnostics
package import DockerfileSyntax

/// DL3036: what zypper fetches stays in the layer.
package struct KeptZypperCache: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3036", "kept-zypper-cache"), .warning, fix: .safe, visits: [.run], visitsTriggers: true,
    commands: cleanup.programs, summary: "the cache of zypper stays in the layer")

  private static let folder = "/var/cache/zypp"
  private static let cleanup = CacheCleanup(
    programs: ["zypper"], verbs: ["install", "in"], cleaners: ["zypper"], cleaningVerbs: ["clean", "cc"],
    folders: [folder], command: "zypper clean")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .run(let run) = instruction.details else { return }
    let isStrict = context.isStrict
    let calls =
      isStrict
      ? Self.cleanup.uncleanedStrictly(in: instruction, context) { $0.is("zypper", "clean", "cc") }
      : Self.cleanup.uncleaned(in: instruction, context)
    guard !calls.isEmpty, !run.hasCacheMount(at: Self.folder, isStrict: isStrict) else { return }
    let diagnostic = Self.cleanup.diagnostic(
      Self.metadata, calls, "what zypper fetches stays in the layer, and nothing needs it there",
      note: "this stays too", of: instruction, context
    ) { $0.isPlainList ? .safe : .unsafe }
    if let diagnostic { findings.report(diagnostic, at: instruction.index) }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        RUN with `zypper install` behind which neither `zypper clean` nor a removal of `/var/cache/zypp` stands, unless a \
        cache or tmpfs is mounted there.
        """,
      why: """
        zypper keeps the lists of its repositories, and perhaps the packages: tens of megabytes that are of no use in the \
        image. Cleaning in a later RUN does not help: the layer below keeps them.
        """,
      instead: "End the RUN with `&& zypper clean`.",
      fixSafety: """
        The command is appended to the RUN. Unsafe in a script with conditions or loops, because zypper may be absent \
        where it ends. None for the exec form, for here-documents, behind `sudo`, and where it is not certain that a last \
        command is run.
        """,
      sources: [
        "https://github.com/hadolint/hadolint", "https://en.opensuse.org/SDB:Zypper_manual_(plain)",
      ],
      examples: [
        .bad(
          """
          FROM opensuse/leap:15.6
          RUN «zypper -n install» curl=8.6.0

          """,
          fixed: """
            FROM opensuse/leap:15.6
            RUN zypper -n install curl=8.6.0 && zypper clean

            """),
        .good(
          """
          FROM opensuse/leap:15.6
          RUN zypper -n install curl=8.6.0 && zypper clean
          RUN --mount=type=cache,target=/var/cache/zypp zypper -n install git=2.43.0

          """),
      ],
      differences: [
        .hidden("zypper install curl"),
        HadolintDifference(
          "removing the cache cleans it too",
          "FROM a:1\nRUN zypper -n in curl=1 && rm -rf /var/cache/zypp/*\n",
          ours: [], strict: [2]),
        HadolintDifference(
          "what counts is whether something is cleaned behind the last call, not behind the first",
          """
          FROM a:1
          RUN zypper clean && zypper -n in curl=1 && zypper clean
          RUN zypper -n in curl=1 && zypper clean && zypper -n in git=1

          """, ours: [3], strict: [2]),
      ])
  }
}
