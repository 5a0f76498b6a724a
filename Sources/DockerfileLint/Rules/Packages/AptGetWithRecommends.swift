import Diagnostics
package import DockerfileSyntax

/// DL3015: `apt-get install` that brings what is only recommended.
package struct AptGetWithRecommends: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3015", "apt-get-with-recommends"), .info, fix: .unsafe, visits: [.run],
    visitsTriggers: true, commands: programs, summary: "apt-get install with all that packages recommend")

  private static let programs = ["apt-get"]
  private static let verbs = ["install"]

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    let calls = context.packageCalls(Self.programs, Self.verbs, in: instruction).filter { call in
      let command = call.command
      if command.hasFlag("no-install-recommends") || command.has("APT::Install-Recommends=false") {
        return false
      }
      return context.isStrict || !command.hasSetting("APT::Install-Recommends", isOn: false)
    }
    guard !calls.isEmpty else { return }
    MissingOption(
      metadata: Self.metadata, option: "--no-install-recommends",
      reason: "also installs what the packages merely recommend"
    ).report(calls, of: instruction, &findings)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what:
        "`apt-get install` without `--no-install-recommends` or the setting `APT::Install-Recommends=false`.",
      why: """
        Debian's packages recommend others that most users of a desktop want. In an image they are dead weight: more to \
        fetch, more to update, more that can have holes.
        """,
      instead: "Write `--no-install-recommends`, and name what you need of the rest.",
      fixSafety: "Unsafe: something that was only recommended may be needed. None for the exec form.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://manpages.debian.org/bookworm/apt/apt-get.8.en.html",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «apt-get install» -y curl=7.88.*

          """,
          unsafelyFixed: """
            FROM debian:12
            RUN apt-get install --no-install-recommends -y curl=7.88.*

            """),
        .good(
          """
          FROM debian:12
          RUN apt-get update \\
            && apt-get install -y --no-install-recommends curl=7.88.* \\
            && rm -rf /var/lib/apt/lists/*
          RUN apt-get install -y -o APT::Install-Recommends=false curl=7.88.*

          """),
      ],
      differences: [
        .hidden("apt-get install curl"),
        HadolintDifference(
          "apt takes `0`, `no` and others for `false`, and the setting may be glued to `-o`",
          """
          FROM a:1
          RUN apt-get install -y -o APT::Install-Recommends=0 curl=1
          RUN apt-get install -y -oAPT::Install-Recommends=false curl=1

          """, ours: [], strict: [2, 3]),
      ])
  }
}
