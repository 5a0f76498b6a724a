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
  /// The commands of a RUN as the rules about packages see them: as they stand in strict mode, otherwise also those
  /// behind `sudo` and its like, and those called by their path.
  func packageCommands(of instruction: Instruction) -> [ShellCommand] {
    guard let commands = script(of: instruction)?.commands else { return [] }
    guard !isStrict, commands.contains(where: \.isHidden) else { return commands }
    return commands.map(\.unhidden)
  }

  /// The calls of some programs that have one of the verbs among their arguments, wherever it stands.
  func packageCalls(_ programs: [String], _ verbs: [String], in instruction: Instruction) -> [PackageCall] {
    var calls: [PackageCall] = []
    for command in packageCommands(of: instruction) where programs.contains(command.name) {
      guard let verb = command.arguments.first(where: { verbs.contains($0.text) }) else { continue }
      calls.append(PackageCall(command: command, verb: verb))
    }
    return calls
  }
}

extension ShellCommand {
  /// Whether the arguments hold another command, or the name is a path.
  fileprivate var isHidden: Bool { name.utf8.first == 0x2F || Self.prefixes.contains(name) }

  /// Commands whose arguments are another command.
  private static let prefixes: [String] = ["sudo", "env", "time", "nohup", "eatmydata"]

  /// The command that is run in the end: without `sudo` and its like, and by its name alone; itself where that cannot
  /// be told.
  fileprivate var unhidden: ShellCommand {
    guard isHidden else { return self }
    if name.utf8.first == 0x2F {
      let base = name.split(separator: "/").last.map { String($0) } ?? name
      return ShellCommand(name: base, nameRange: nameRange, arguments: arguments, range: range)
    }
    guard let index = commandIndex else { return self }
    let inner = arguments[index]
    let base = inner.text.split(separator: "/").last.map { String($0) } ?? inner.text
    return ShellCommand(
      name: base, nameRange: inner.range, arguments: Array(arguments[(index + 1)...]), range: range)
  }

  /// The index of the argument that names the inner command.
  private var commandIndex: Int? {
    var index = 0
    while index < arguments.count {
      let text = arguments[index].text
      if text.utf8.first == 0x2D {
        guard name == "sudo" else { return name == "env" && text == "-i" ? index + 1 : nil }
        switch text {
        case "-u", "-g", "--user", "--group": index += 2
        case "--": index += 1
        default:
          let isPlain =
            text.hasPrefix("--") || text.utf8.dropFirst().allSatisfy { "EHSknbAP".utf8.contains($0) }
          guard isPlain else { return nil }
          index += 1
        }
      } else if text.utf8.contains(0x3D) {
        index += 1
      } else {
        return index
      }
    }
    return nil
  }
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
