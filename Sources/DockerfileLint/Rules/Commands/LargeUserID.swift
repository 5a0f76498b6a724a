import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3046: `useradd` with a large number.
package struct LargeUserID: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3046", "large-user-id"), .warning, fix: .safe, visits: [.run], visitsTriggers: true,
    commands: ["useradd"], summary: "`useradd` with a large user id and without `-l`")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .run(let run) = instruction.details, let script = context.script(of: instruction),
      script.commands.contains(where: { $0.name == "useradd" })
    else { return }
    let commands = script.commands.filter { command in
      command.name == "useradd" && (context.isStrict ? Self.isStrictlyLarge(command) : Self.isLarge(command))
    }
    let edits = commands.compactMap { command -> Edit? in
      guard !run.command.isExec, context.has("useradd", at: command.nameRange) else { return nil }
      return Edit(ByteRange(command.nameRange.upper, command.nameRange.upper), " -l")
    }
    findings.report(
      Self.metadata,
      "`useradd` with a large user id makes log files that reach up to that id, which are gigabytes in a layer",
      atEach: commands.map(\.nameRange), note: "`-l` is missing here too",
      help: "write `useradd -l`, which leaves those files alone", fixIt: FixIt("add `-l`", .safe, edits),
      in: instruction)
  }

  private static func isLarge(_ command: ShellCommand) -> Bool {
    let options = CommandOptions(
      command.arguments, short: "bcdefgGkKpRPsuZ",
      long: [
        "base-dir", "comment", "expiredate", "gid", "groups", "home-dir", "inactive", "key", "password",
        "prefix", "root", "selinux-user", "shell", "skel", "uid",
      ])
    guard !options.has("l", "no-log-init"), let id = options.value(of: "u", "uid") else { return false }
    return id.utf8.count > 5
  }

  /// hadolint's test: an option with a `u` in it, and a long word behind it.
  private static func isStrictlyLarge(_ command: ShellCommand) -> Bool {
    let flags = command.flags
    guard !flags.contains(where: { $0.name == "l" || $0.name == "no-log-init" }) else { return false }
    return flags.contains { flag in
      flag.name == "u" && flag.argument + 1 < command.arguments.count
        && command.arguments[flag.argument + 1].text.unicodeScalars.count > 5
    }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `useradd` with a user id (`-u`, `--uid`) of more than five characters and without `-l` (`--no-log-init`). What a \
        variable holds is not known; it is counted as it is written, like `${USER_ID}`.
        """,
      why: """
        `useradd` writes to `/var/log/lastlog` and `/var/log/faillog`, at a place that the user id gives. The files have \
        holes in them and take no room on disk, but a layer keeps the holes as zeros: an id of 1000000 can cost gigabytes, \
        and the build seems to hang.
        """,
      instead: "Write `useradd -l -u 123456 name`, or take a smaller id.",
      fixSafety: "Safe: the account is the same, only the two log files are not touched.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://docs.docker.com/build/building/best-practices/#user",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN groupadd app && «useradd» -g app -u 123456 app

          """,
          fixed: """
            FROM debian:12
            RUN groupadd app && useradd -l -g app -u 123456 app

            """),
        .good(
          """
          FROM debian:12
          RUN useradd -l -u 123456 app && useradd -u 10001 other && useradd --no-log-init --uid=200000 third

          """),
      ],
      differences: [
        HadolintDifference(
          "`--uid` is the long name of `-u`, and the value may stand in the same word",
          "FROM a:1\nRUN useradd --uid 123456 x\nRUN useradd -u123456 x\n", ours: [2, 3], strict: []),
        HadolintDifference(
          "the letters of a value are no options: this one is a group",
          "FROM a:1\nRUN useradd -Gsudo developer\n", ours: [], strict: [2]),
        .hidden("useradd -u 123456 app"),
      ])
  }
}
