import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL4006: a pipe whose failures are not seen.
package struct PipeWithoutPipefail: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL4006", "pipe-without-pipefail"), .warning, fix: .unsafe, visits: [.run, .shell, .from],
    summary: "a pipe where only the last command can fail the build")

  /// What runs the commands of RUN.
  private struct Setting {
    var shell: PipeShell?
    /// The image below all stages, for as long as no SHELL says more.
    let image: String
    /// Whether an earlier finding offers to set the shell for this stage.
    var isOffered = false
  }
  private var setting = StageFact(Setting(shell: .plain, image: ""))
  private var from: Instruction?
  private var hasOwnShell = false

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    switch instruction.details {
    case .from:
      from = instruction
      hasOwnShell = false
      if context.isStrict {
        setting.current = Setting(shell: .plain, image: "")
      } else {
        setting.startStage(context) { image in
          let name = image ?? ""
          return Setting(shell: BaseSystem(name, context) == .windows ? .covered : nil, image: name)
        }
      }
    case .shell(let form):
      hasOwnShell = true
      let words = form.words.map(\.string)
      setting.current.shell = context.isStrict ? PipeShell(strictly: words) : PipeShell(words)
    case .run(let run): check(run, instruction, context, &findings)
    default: break
    }
  }

  private mutating func check(
    _ run: Run, _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard setting.current.shell != .covered, let script = context.script(of: instruction),
      !script.pipes.isEmpty
    else { return }
    if setting.current.shell == nil {
      let image = setting.current.image
      let facts = image.isEmpty ? nil : context.environment.imageFacts(image)
      setting.current.shell = facts?.shell.map { PipeShell($0) } ?? .plain
      guard setting.current.shell != .covered else { return }
    }
    let pipes = context.isStrict ? script.pipes : Self.uncovered(script)
    guard !pipes.isEmpty else { return }
    findings.report(
      Self.metadata,
      "only the last command of a pipe counts, so the build goes on when one before it fails",
      atEach: pipes, note: "this pipe too",
      help:
        "set `pipefail` with SHELL above, like `SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]`; BusyBox has it as `/bin/ash`",
      fixIt: context.isStrict ? nil : fixIt(run, instruction, context), in: instruction)
  }

  /// The pipes that no `set -o pipefail` stands in front of.
  private static func uncovered(_ script: RunScript) -> [ByteRange] {
    let setting = script.commands.first { command in
      (command.name == "set" || command.name == "shopt") && command.has("pipefail") && command.hasFlag("o")
    }
    guard let setting else { return script.pipes }
    return script.pipes.filter { $0.lower < setting.range.lower }
  }

  private mutating func fixIt(_ run: Run, _ instruction: Instruction, _ context: LintContext) -> FixIt? {
    if setting.current.shell == .able {
      guard case .shell(let text) = run.command, instruction.heredocs.isEmpty else { return nil }
      return FixIt(
        "set `pipefail` for this RUN", .unsafe,
        [Edit(ByteRange(text.range.lower, text.range.lower), "set -o pipefail && ")])
    }
    // One SHELL is enough for the stage and for those built on it.
    guard !hasOwnShell, !setting.current.isOffered, let from, setting.current.image != "scratch" else {
      return nil
    }
    setting.current.isOffered = true
    let image = setting.current.image
    let isBusyBox = BaseSystem(image, context) == .busybox
    let shell =
      isBusyBox
      ? "[\"/bin/ash\", \"-eo\", \"pipefail\", \"-c\"]" : "[\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]"
    let place = ByteRange(from.range.upper, from.range.upper)
    let line = context.lineEnd(after: from.range.upper) + context.keyword(.shell, like: from.syntax.keyword)
    return FixIt("set the shell of the stage", .unsafe, [Edit(place, "\(line) \(shell)")])
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A RUN with a pipe, also in a substitution or a subshell, where neither the SHELL in effect nor the RUN itself sets \
        `pipefail`. The SHELL in effect is that of the stage, or of the stage or image it is built on. PowerShell and cmd have \
        no such option and are left alone.
        """,
      why: """
        The status of a pipe is that of its last command. With `curl … | tar x` a download that breaks off can leave half \
        of the files there, and the build says that all is well. With `pipefail` any command of the pipe can fail it.
        """,
      instead: """
        Write `SHELL ["/bin/bash", "-o", "pipefail", "-c"]` once in the stage, `SHELL ["/bin/ash", "-eo", "pipefail", "-c"]` \
        on Alpine, or `set -o pipefail &&` at the start of the RUN if the shell knows that.
        """,
      fixSafety: """
        Unsafe: the image may have no bash, and a build that went on after a failure stops. The first RUN that is flagged \
        offers a SHELL below FROM (`/bin/ash` on images with `alpine` or `busybox` in their names); where a SHELL with bash, \
        zsh or ash is in effect already, `set -o pipefail` is put in front of the commands.
        """,
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://docs.docker.com/build/building/best-practices/#using-pipes",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN curl -fsSL https://example.com/a.tgz «|» tar -xz ‹|&› cat
          RUN echo $(cat /etc/os-release «|» head -n 1)

          """,
          unsafelyFixed: """
            FROM debian:12
            SHELL ["/bin/bash", "-o", "pipefail", "-c"]
            RUN curl -fsSL https://example.com/a.tgz | tar -xz |& cat
            RUN echo $(cat /etc/os-release | head -n 1)

            """),
        .bad(
          """
          FROM alpine:3.21
          RUN wget -qO- https://example.com/a.tgz «|» tar -xz
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN curl -fsSL https://example.com/a.tgz «|» tar -xz

          """,
          unsafelyFixed: """
            FROM alpine:3.21
            SHELL ["/bin/ash", "-eo", "pipefail", "-c"]
            RUN wget -qO- https://example.com/a.tgz | tar -xz
            FROM debian:12
            SHELL ["/bin/bash", "-c"]
            RUN set -o pipefail && curl -fsSL https://example.com/a.tgz | tar -xz

            """),
        .good(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-o", "pipefail", "-c"]
          RUN curl -fsSL https://example.com/a.tgz | tar -xz
          RUN echo 'a | b' || true

          """),
      ],
      differences: [
        HadolintDifference(
          "a stage has the SHELL of the stage that it is built on",
          """
          FROM a:1 AS base
          SHELL ["/bin/bash", "-o", "pipefail", "-c"]
          FROM base
          RUN make | tee log

          """, ours: [], strict: [4]),
        HadolintDifference(
          "`set -o pipefail` in the RUN does the same as in SHELL",
          """
          FROM a:1
          SHELL ["/bin/bash", "-c"]
          RUN set -euo pipefail; make | tee log
          RUN make | tee log; set -o pipefail

          """, ours: [4], strict: [3, 4]),
        HadolintDifference(
          "PowerShell is PowerShell whatever its path, Windows images start cmd, and the exec form has no pipes",
          """
          FROM a:1
          RUN ["echo", "a", "|", "b"]
          SHELL ["/usr/bin/pwsh", "-c"]
          RUN Get-Item x | Remove-Item
          FROM mcr.microsoft.com/windows/servercore:ltsc2022
          RUN dir | find "x"

          """, ours: [], strict: [2, 4, 6]),
        HadolintDifference(
          "bash, zsh and ash are what they are wherever they lie",
          """
          FROM a:1
          SHELL ["/usr/bin/bash", "-o", "pipefail", "-c"]
          RUN make | tee log
          SHELL ["/bin/bash", "-o", "pipefail", "-c"]
          RUN make | tee log

          """, ours: [], strict: [3]),
      ])
  }
}
