import Diagnostics
import DockerfileSyntax
import SourceText

/// A package manager that leaves files behind which the same RUN should remove.
struct CacheCleanup {
  /// The programs and the verbs that leave something.
  let programs: [String]
  let verbs: [String]
  /// The programs and the verbs that remove it.
  let cleaners: [String]
  let cleaningVerbs: [String]
  /// The folders that it is in.
  let folders: [String]
  /// What to append to a RUN that does not clean up.
  let command: String

  /// The calls behind which nothing removes what they leave; for a call in a function any place will do, because the
  /// order in which things are written is not the one in which they happen.
  func uncleaned(in instruction: Instruction, _ context: LintContext) -> [PackageCall] {
    guard let script = context.script(of: instruction) else { return [] }
    var calls: [PackageCall] = []
    var isCleaned = false
    var removal = Removal(folders)
    for command in script.commands {
      if programs.contains(command.name), let verb = verb(command, verbs) {
        calls.append(PackageCall(command: command, verb: verb))
      } else if cleaners.contains(command.name), verb(command, cleaningVerbs) != nil {
        calls.removeAll()
        isCleaned = true
      } else if removal.sees(command, context.dockerfile.source) {
        calls.removeAll()
        isCleaned = true
      }
    }
    return isCleaned && !calls.isEmpty && hasFunction(instruction, context) ? [] : calls
  }

  private func verb(_ command: ShellCommand, _ verbs: [String]) -> ShellCommand.Argument? {
    command.arguments.first { verbs.contains($0.text) }
  }

  private func hasFunction(_ instruction: Instruction, _ context: LintContext) -> Bool {
    guard let text = context.script(of: instruction)?.text.bytes else { return false }
    return zip(text, text.dropFirst()).contains { $0 == 0x28 && $1 == 0x29 }
  }

  /// hadolint's test: the first call that leaves something stands behind the first that removes it, or nothing does.
  ///
  /// - Returns: all calls that leave something; none when hadolint is content.
  func uncleanedStrictly(
    in instruction: Instruction, _ context: LintContext, cleans: (ShellCommand) -> Bool
  ) -> [PackageCall] {
    let commands = context.commands(of: instruction)
    let isCall = { (command: ShellCommand) in
      programs.contains(command.name) && verb(command, verbs) != nil
    }
    guard let first = commands.firstIndex(where: isCall) else { return [] }
    if let clean = commands.firstIndex(where: cleans), first < clean { return [] }
    return context.packageCalls(programs, verbs, in: instruction)
  }

  /// The finding about such calls.
  ///
  /// - Parameter applicability: how sure the fix is, nil when it would do harm; asked only where a fix is known.
  func diagnostic(
    _ rule: RuleMetadata, _ calls: [PackageCall], _ message: String, note: String,
    of instruction: Instruction,
    _ context: LintContext, applicability: (AppendedCommand) -> Applicability?
  ) -> Diagnostic? {
    guard let first = calls.first else { return nil }
    var fixIts: [FixIt] = []
    // A command that is started by another, `sudo`, may have rights that the next one lacks.
    if !calls.contains(where: \.command.isInner),
      let appended = AppendedCommand(command, to: instruction, context),
      let applicability = applicability(appended)
    {
      fixIts = [FixIt("append `\(command)`", applicability, [appended.edit])].compactMap(\.self)
    }
    return Diagnostic(
      rule.code, rule.severity, message, at: first.range,
      notes: calls.dropFirst().map { Note(note, at: $0.range) }, help: "end the RUN with `&& \(command)`",
      fixIts: fixIts)
  }
}
