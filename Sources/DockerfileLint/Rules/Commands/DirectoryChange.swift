import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3003: `cd` where WORKDIR says it.
package struct DirectoryChange: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3003", "cd-instead-of-workdir"), .warning, fix: .unsafe, visits: [.run],
    visitsTriggers: true, commands: ["cd"], summary: "`cd` in RUN, where WORKDIR sets the directory")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard let script = context.script(of: instruction), script.commands.contains(where: { $0.name == "cd" })
    else { return }
    if context.isStrict, context.isTrigger(instruction) { return }
    let changes = script.commands.filter { $0.name == "cd" }
    findings.report(
      Self.metadata, "`cd` holds for this RUN only; WORKDIR sets the directory for all that follows",
      atEach: changes.map { command in
        command.arguments.first.map { command.nameRange.union($0.range) } ?? command.nameRange
      }, note: "changed again here", help: "write a WORKDIR instruction above",
      fixIt: changes.count == 1 ? fixIt(changes[0], script, instruction, context) : nil, in: instruction)
  }

  /// A WORKDIR above, for a RUN that starts with `cd /path &&`.
  private func fixIt(
    _ change: ShellCommand, _ script: RunScript, _ instruction: Instruction, _ context: LintContext
  ) -> FixIt? {
    guard !context.isTrigger(instruction), case .run(let run) = instruction.details,
      case .shell(let text) = run.command, text.range.lower == change.nameRange.lower,
      instruction.heredocs.isEmpty, change.arguments.count == 1, let path = change.arguments.first,
      path.isVerbatim, path.text.utf8.first == 0x2F,
      path.text.utf8.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || "/._-+@".utf8.contains($0) }),
      let end = joint(path.range.upper, text.range.upper, context)
    else { return nil }
    let keyword = instruction.syntax.keyword
    let line =
      "\(context.keyword(.workdir, like: keyword)) \(path.text)\(context.lineEnd(after: keyword.upper))"
    return FixIt(
      "set the directory with WORKDIR, which then holds for the instructions below too", .unsafe,
      [
        Edit(ByteRange(keyword.lower, keyword.lower), line),
        Edit(ByteRange(change.nameRange.lower, end), ""),
      ])
  }

  /// The place behind `&&` and the white space and continuations around it; nil when something else stands there.
  private func joint(_ start: UInt32, _ end: UInt32, _ context: LintContext) -> UInt32? {
    let bytes = context.dockerfile.source.bytes
    var index = Int(start)
    let end = min(Int(end), bytes.count)
    func skipSpace() {
      while index < end {
        if bytes[index].isASCIISpace {
          index += 1
        } else if bytes[index] == context.tree.escape, index + 1 < end, bytes[index + 1].isASCIISpace {
          index += 1
        } else {
          return
        }
      }
    }
    skipSpace()
    guard index + 1 < end, bytes[index] == 0x26, bytes[index + 1] == 0x26 else { return nil }
    index += 2
    skipSpace()
    guard index < end, bytes[index] != 0x23, bytes[index] != context.tree.escape else { return nil }
    return UInt32(truncatingIfNeeded: index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what:
        "The command `cd` anywhere in RUN: in lists, subshells, functions and conditions, also inside ONBUILD.",
      why: """
        Every RUN starts in the directory that WORKDIR has set. A `cd` ends with its RUN, so that one has to be repeated, \
        and a reader has to look into every command to know where files end up.
        """,
      instead:
        "Write WORKDIR with an absolute path above the RUN; it creates the directory if there is none.",
      fixSafety: """
        Unsafe: a RUN that starts with `cd` to an absolute path gets a WORKDIR above it. That holds for all instructions \
        below it as well, and for the containers that are started from the image.
        """,
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://docs.docker.com/build/building/best-practices/#workdir",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «cd /usr/src/app» && \\
              make
          RUN make && («cd "$DIR"» && make install) && ‹cd /›

          """,
          unsafelyFixed: """
            FROM debian:12
            WORKDIR /usr/src/app
            RUN make
            RUN make && (cd "$DIR" && make install) && cd /

            """),
        .good(
          """
          FROM debian:12
          WORKDIR /usr/src/app
          RUN make && pushd /tmp

          """),
      ],
      differences: [
        HadolintDifference(
          "a `cd` inside ONBUILD is the same mistake in the build that comes later",
          "FROM a:1\nONBUILD RUN cd /src && make\n", ours: [2], strict: []),
        HadolintDifference(
          "a script that is handed to a shell, in quotes or as a here-document, is a script too",
          "FROM a:1\nRUN sh -c \"cd /src && make\"\nRUN bash -e <<E\ncd /src\nE\n", ours: [2, 4], strict: []),
      ])
  }
}
