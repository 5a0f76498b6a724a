import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3047: `wget` that fills the log with its progress.
package struct WgetProgress: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3047", "wget-progress"), .info, fix: .unsafe, visits: [.run, .from],
    visitsTriggers: true, commands: ["wget"], summary: "`wget` that writes its progress to the log")

  private var system = StageFact(BaseSystem.gnu)

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    if instruction.kind == .from {
      if !context.isStrict { system.startStage(context) { BaseSystem($0 ?? "", context) } }
      return
    }
    // In PowerShell `wget` is another name of Invoke-WebRequest.
    if !context.isStrict, system.current == .windows { return }
    guard case .run(let run) = instruction.details, let script = context.script(of: instruction),
      script.commands.contains(where: { $0.name == "wget" })
    else { return }
    let commands = script.commands.filter { command in
      command.name == "wget" && !(context.isStrict ? Self.isStrictlyQuiet(command) : Self.isQuiet(command))
    }
    let option = system.current == .busybox ? "-q" : "--progress=dot:giga"
    let edits = commands.compactMap { command -> Edit? in
      guard !run.command.isExec, context.has("wget", at: command.nameRange) else { return nil }
      return Edit(ByteRange(command.nameRange.upper, command.nameRange.upper), " \(option)")
    }
    findings.report(
      Self.metadata, "`wget` draws its progress for a terminal, which in a build's log is thousands of lines",
      atEach: commands.map(\.nameRange), note: "the same here",
      help: "write `wget --progress=dot:giga`, or `-q` or `-nv` for less",
      fixIt: FixIt("add `\(option)`", .unsafe, edits), in: instruction)
  }

  private static func isQuiet(_ command: ShellCommand) -> Bool {
    CommandOptions(command.arguments, short: "aeioABDIOPQRTUXltw", pairs: "n").has(
      "a", "append-output", "no-verbose", "nv", "o", "output-file", "progress", "q", "quiet")
  }

  private static func isStrictlyQuiet(_ command: ShellCommand) -> Bool {
    command.has("-nv")
      || command.hasFlag(
        "a", "append-output", "no-verbose", "o", "output-file", "progress", "q", "quiet")
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `wget` without `--progress`, `-q`, `-nv`, `-o` or `-a`, or their long names.
        """,
      why: """
        Without a terminal `wget` writes a line of dots for every 50 KB. A download of a gigabyte is twenty thousand lines \
        in the log of the build, in which the message that matters is not found.
        """,
      instead: "Write `wget --progress=dot:giga`: one line for 32 MB. `-nv` and `-q` write less or nothing.",
      fixSafety: """
        Unsafe: `--progress=dot:giga` is unknown to BusyBox. On images with `alpine` or `busybox` in their names the fix is \
        `-q`, with which errors are not shown either.
        """,
      sources: [
        "https://github.com/hadolint/hadolint", "https://www.gnu.org/software/wget/manual/wget.html",
      ],
      examples: [
        .bad(
          """
          FROM debian:12 AS build
          RUN «wget» https://example.com/a.tgz && ‹wget› -O b.tgz https://example.com/b.tgz
          FROM alpine:3.21
          RUN «wget» https://example.com/a.tgz

          """,
          unsafelyFixed: """
            FROM debian:12 AS build
            RUN wget --progress=dot:giga https://example.com/a.tgz && wget --progress=dot:giga -O b.tgz https://example.com/b.tgz
            FROM alpine:3.21
            RUN wget -q https://example.com/a.tgz

            """),
        .good(
          """
          FROM debian:12
          RUN wget --progress=dot:giga https://example.com/a.tgz
          RUN wget -nv https://example.com/a.tgz && wget -qO- https://example.com/b.tgz

          """),
      ],
      differences: [
        HadolintDifference(
          "the letters of a file's name are no options, and `-nv` may stand in front of others in one word",
          """
          FROM a:1
          RUN wget -Oa.tgz https://example.com/a.tgz
          RUN wget -nvc https://example.com/a.tgz

          """, ours: [2], strict: [3]),
        HadolintDifference(
          "in PowerShell `wget` is another name of `Invoke-WebRequest`",
          """
          FROM mcr.microsoft.com/windows/servercore:ltsc2022
          RUN wget https://example.com/index.html

          """, ours: [], strict: [2]),
        .hidden("wget https://example.com/a"),
      ])
  }
}
