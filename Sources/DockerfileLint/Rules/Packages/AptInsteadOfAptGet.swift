import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3027: `apt`, which is made for people at a terminal.
package struct AptInsteadOfAptGet: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3027", "apt-instead-of-apt-get"), .warning, fix: .safe, visits: [.run],
    visitsTriggers: true, commands: ["apt"], summary: "apt in place of apt-get")

  /// What apt-get does in the same way.
  private static let common = ["install", "update", "remove", "purge", "autoremove", "clean"]

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    let commands = context.commands(of: instruction).filter { $0.name == "apt" }
    guard let first = commands.first else { return }
    let edits = commands.flatMap { Self.edits($0, instruction, context) }
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "`apt` is made for people at a terminal, and changes from version to version",
        at: first.nameRange, notes: commands.dropFirst().map { Note("`apt` here too", at: $0.nameRange) },
        help: "write `apt-get`, or `apt-cache` to search",
        fixIts: [FixIt("write `apt-get`", .safe, edits)].compactMap(\.self)),
      at: instruction.index)
  }

  private static func edits(
    _ command: ShellCommand, _ instruction: Instruction, _ context: LintContext
  ) -> [Edit] {
    guard let verb = command.plainArguments(droppingValuesOf: ["o", "c", "t", "a"]).first,
      context.dockerfile.source.bytes(in: command.nameRange).elementsEqual("apt".utf8)
    else { return [] }
    let end = ByteRange(command.nameRange.upper, command.nameRange.upper)
    if common.contains(verb.text) { return [Edit(end, "-get")] }
    // `apt upgrade` also installs what the new versions newly need.
    guard verb.text == "upgrade", verb.isVerbatim, case .run(let run) = instruction.details,
      !run.command.isExec
    else { return [] }
    return [Edit(end, "-get"), Edit(ByteRange(verb.range.upper, verb.range.upper), " --with-new-pkgs")]
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A command named `apt`.",
      why: """
        apt is for people at a terminal, and its manual page says that scripts should not use it: its options and output \
        may change with any version. It warns about that in each build.
        """,
      instead: "Write `apt-get`, and `apt-cache` for what searches.",
      fixSafety: """
        Safe: `install`, `update`, `remove`, `purge`, `autoremove` and `clean` are the same for apt-get, and so is \
        `upgrade` with `--with-new-pkgs`. Other calls get no fix.
        """,
      sources: [
        "https://github.com/hadolint/hadolint", "https://manpages.debian.org/bookworm/apt/apt.8.en.html",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «apt» update && ‹apt› -y upgrade && ‹apt› list --installed

          """,
          fixed: """
            FROM debian:12
            RUN apt-get update && apt-get -y upgrade --with-new-pkgs && apt list --installed

            """),
        .good(
          """
          FROM debian:12
          RUN apt-get update \\
            && apt-get install -y --no-install-recommends curl=7.88.* \\
            && rm -rf /var/lib/apt/lists/*

          """),
      ],
      differences: [.hidden("apt update")])
  }
}
