import DockerfileSyntax
import SourceText

/// A call of a package manager: the command, and the word that says what it shall do.
struct PackageCall {
  let command: ShellCommand
  /// The `install`, `add`, `update`.
  let verb: ShellCommand.Argument

  /// From the program's name to the verb.
  var range: ByteRange { command.nameRange.union(verb.range) }
}

extension LintContext {
  /// The calls of some programs that have one of the verbs among their arguments, wherever it stands.
  func packageCalls(_ programs: [String], _ verbs: [String], in instruction: Instruction) -> [PackageCall] {
    guard let script = script(of: instruction) else { return [] }
    var calls: [PackageCall] = []
    for command in script.commands where programs.contains(command.name) {
      guard let verb = command.arguments.first(where: { verbs.contains($0.text) }) else { continue }
      calls.append(PackageCall(command: command, verb: verb))
    }
    return calls
  }

  /// The commands of a RUN; none of any other instruction.
  func commands(of instruction: Instruction) -> [ShellCommand] { script(of: instruction)?.commands ?? [] }
}

extension HadolintDifference {
  /// hadolint does not see a command behind `sudo`, nor one that is called by its path.
  static func hidden(_ command: String) -> HadolintDifference {
    HadolintDifference(
      "a command behind `sudo`, or called by its path, does the same as without, but hadolint does not see it",
      "FROM a:1\nRUN sudo -E \(command)\nRUN /usr/bin/\(command)\n", ours: [2, 3], strict: [])
  }

  /// hadolint takes the `--` that ends the options for a package.
  static func endOfOptions(_ command: String) -> HadolintDifference {
    HadolintDifference(
      "`--` ends the options and is no package", "FROM a:1\nRUN \(command)\n", ours: [], strict: [2])
  }

  /// hadolint takes the value of an option for a package.
  static func valueOfOption(_ command: String) -> HadolintDifference {
    HadolintDifference(
      "the word behind an option that takes a value is no package", "FROM a:1\nRUN \(command)\n", ours: [],
      strict: [2])
  }
}
