import Diagnostics
package import DockerfileSyntax
import ShellSyntax
import SourceText

/// DL3059: RUN directly behind RUN.
package struct ConsecutiveRuns: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3059", "consecutive-runs"), .info, fix: .unsafe, visits: [.run],
    summary: "single commands in RUN instructions one after the other")

  /// What a RUN is compared with.
  private struct Remembered {
    let flags: Set<String>
    let hasSeveralCommands: Bool
  }
  private var remembered: Remembered?
  /// The index of the RUN above.
  private var previous: Int?

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .run(let run) = instruction.details else { return }
    // Comments are no instructions; anything else in between ends the row.
    let isNext = previous.map { $0 + 1 == instruction.index } ?? false
    previous = instruction.index
    let flags = Self.flags(instruction, run)
    let hasSeveralCommands = Self.hasSeveralCommands(instruction, run, context)
    guard isNext, let remembered, remembered.flags == flags, !remembered.hasSeveralCommands,
      !hasSeveralCommands
    else {
      remembered = Remembered(flags: flags, hasSeveralCommands: hasSeveralCommands)
      return
    }
    let above = context.dockerfile.instructions[instruction.index - 1]
    findings.report(
      Diagnostic(
        Self.metadata.code, Self.metadata.severity,
        "each RUN makes a layer; a command alone can go into the RUN above it",
        at: instruction.syntax.keyword, notes: [Note("this is the RUN above", at: above.syntax.keyword)],
        help: "join the commands with `&&`",
        fixIts: Self.fixIt(above, instruction, context).map { [$0] } ?? []),
      at: instruction.index)
  }

  private static func hasSeveralCommands(_ instruction: Instruction, _ run: Run, _ context: LintContext)
    -> Bool
  {
    if let script = context.script(of: instruction), context.isStrict || script.dialect.isPOSIX {
      return script.hasSeveralCommands
    }
    // A script for another shell: what joins commands there is the same.
    return run.command.words.contains { word in word.bytes.contains { $0 == 0x3B || $0 == 0x26 || $0 == 0x7C }
    }
  }

  /// What the flags say, whatever their order, and whatever names their fields have.
  private static func flags(_ instruction: Instruction, _ run: Run) -> Set<String> {
    guard !instruction.flags.isEmpty else { return [] }
    var flags = Set(
      run.mounts.map { mount in
        mount.fields.map { field in
          let key =
            switch field.key {
            case "dst", "destination": "target"
            case "src": "source"
            case "readonly": "ro"
            case "readwrite": "rw"
            default: field.key
            }
          return key + "=" + (field.value.map { String(decoding: $0, as: UTF8.self) } ?? "true")
        }.sorted().joined(separator: ",")
      })
    for flag in instruction.flags where flag.name != "mount" {
      flags.insert("--\(flag.name)=\(flag.value?.string ?? "")")
    }
    return flags
  }

  /// The command at the end of the RUN above, where both are plain lines.
  private static func fixIt(_ above: Instruction, _ instruction: Instruction, _ context: LintContext)
    -> FixIt?
  {
    guard let first = plainText(above), let second = plainText(instruction) else { return nil }
    let between = ByteRange(above.range.upper, instruction.syntax.keyword.lower)
    guard first.range.upper == above.range.upper,
      context.dockerfile.source.bytes(in: between).allSatisfy(\.isASCIISpace)
    else { return nil }
    let escape = String(UnicodeScalar(context.tree.escape))
    let end = context.lineEnd(after: above.range.upper)
    return FixIt(
      "join the two RUN instructions", .unsafe,
      [Edit(ByteRange(above.range.upper, second.range.lower), " \(escape)\(end)    && ")])
  }

  /// The text of a RUN in shell form with nothing in it that joins commands or ends the text for the shell.
  private static func plainText(_ instruction: Instruction) -> Word? {
    guard case .run(let run) = instruction.details, case .shell(let text) = run.command,
      instruction.heredocs.isEmpty, !text.bytes.isEmpty,
      !text.bytes.contains(where: \.joinsCommands)
    else { return nil }
    return text
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A RUN directly behind another RUN with the same flags, when both hold at most one command. Comments between them \
        make no difference, any other instruction does.
        """,
      why: """
        Each RUN makes a layer of its own. What one of them writes and the next deletes stays in the image, and many small \
        layers take longer to pull.
        """,
      instead: "Join what belongs together with `&&`, or write a here-document: `RUN <<EOF`.",
      fixSafety: """
        Unsafe: the commands are joined with `&&`. A change to one of them then runs both again, and a variable or a `cd` of \
        the first holds for the second too.
        """,
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://docs.docker.com/build/building/best-practices/#run",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          ‹RUN› mkdir /srv/app
          «RUN» chown 1000 /srv/app

          """,
          unsafelyFixed: """
            FROM debian:12
            RUN mkdir /srv/app \\
                && chown 1000 /srv/app

            """),
        .bad(
          """
          FROM debian:12
          ‹RUN› ["mkdir", "/srv/app"]
          # owned by the app
          «RUN» chown 1000 /srv/app

          """),
        .good(
          """
          FROM debian:12
          RUN mkdir /srv/app && chown 1000 /srv/app
          RUN make
          WORKDIR /srv/app
          RUN make check
          RUN --mount=type=cache,target=/var/cache/make make install

          """),
      ],
      differences: [
        HadolintDifference(
          "a script that ShellCheck cannot read, as one for PowerShell, has several commands all the same; hadolint counts none",
          """
          FROM a:1
          SHELL ["pwsh", "-Command"]
          RUN Get-Item (1); Get-Item (2)
          RUN Get-Item (3); Get-Item (4)

          """, ours: [], strict: [4])
      ])
  }
}

extension UInt8 {
  /// Whether a byte of a script may join commands, start a comment or quote what follows it.
  fileprivate var joinsCommands: Bool {
    switch self {
    case 0x23, 0x3B, 0x26, 0x7C, 0x5C, 0x60, 0x0A: true
    default: false
    }
  }
}
