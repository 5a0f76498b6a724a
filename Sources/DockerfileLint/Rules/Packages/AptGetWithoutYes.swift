import Diagnostics
package import DockerfileSyntax

/// DL3014: `apt-get install` that asks.
package struct AptGetWithoutYes: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3014", "apt-get-without-yes"), .warning, fix: .safe, visits: [.run],
    visitsTriggers: true,
    commands: programs, summary: "apt-get install that asks before it installs")

  private static let programs = ["apt-get"]
  private static let verbs = ["install"]

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    let calls = context.packageCalls(Self.programs, Self.verbs, in: instruction).filter {
      !Self.saysYes($0.command, isStrict: context.isStrict)
    }
    guard !calls.isEmpty else { return }
    MissingOption(
      metadata: Self.metadata, option: "-y",
      reason: "asks before it installs, and nobody answers during a build"
    ).report(calls, of: instruction, &findings)
  }

  private static func saysYes(_ command: ShellCommand, isStrict: Bool) -> Bool {
    var (short, long) = (0, 0)
    for flag in command.flags {
      switch flag.name {
      case "y", "yes", "qq", "assume-yes": return true
      case "q": short += 1
      case "quiet": long += 1
      default: break
      }
    }
    if short == 2 || long == 2 || command.has("-q=2") { return true }
    if isStrict { return false }
    return short + long > 1 || command.hasSetting("APT::Get::Assume-Yes", isOn: true)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`apt-get install` without `-y`, `--yes`, `--assume-yes` or `-qq`, which has `-y` in it.",
      why: """
        When a package brings others with it, apt-get asks whether to go on. Nobody answers during a build, apt-get takes \
        that for a no, and the build fails.
        """,
      instead: "Write `apt-get install -y`.",
      fixSafety: "Safe. None for the exec form and where `install` is quoted.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://manpages.debian.org/bookworm/apt/apt-get.8.en.html",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «apt-get install» curl=7.88.* && ‹apt-get --no-install-recommends install› git=1:2.39.*

          """,
          fixed: """
            FROM debian:12
            RUN apt-get install -y curl=7.88.* && apt-get --no-install-recommends install -y git=1:2.39.*

            """),
        .good(
          """
          FROM debian:12
          RUN apt-get update \\
            && apt-get install -y --no-install-recommends curl=7.88.* \\
            && apt-get -qq install --no-install-recommends git=1:2.39.* \\
            && rm -rf /var/lib/apt/lists/*

          """),
      ],
      differences: [
        .hidden("apt-get install curl"),
        HadolintDifference(
          "from the second `q` on apt-get does not ask, and the setting says the same as `-y`",
          """
          FROM a:1
          RUN apt-get install -qqq curl
          RUN apt-get install -o APT::Get::Assume-Yes=true curl

          """, ours: [], strict: [2, 3]),
      ])
  }
}
