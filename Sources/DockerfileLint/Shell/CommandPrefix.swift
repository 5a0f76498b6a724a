import ShellSyntax

/// Programs that start another: which of their words is the other one.
enum CommandPrefix {
  /// The options of a program that take the next word as their value.
  private static let options: [String: Set<String>] = [
    "sudo": [
      "-u", "-g", "-h", "-p", "-C", "-c", "-r", "-t", "-T", "-U", "-D", "-R", "-a", "--user", "--group",
      "--host",
      "--prompt", "--close-from", "--role", "--type", "--command-timeout", "--other-user", "--chdir",
      "--chroot",
    ],
    "doas": ["-u", "-C", "-a"],
    "env": ["-u", "-C", "-S", "--unset", "--chdir", "--split-string"],
    "nohup": [],
    "time": ["-f", "-o", "--format", "--output"],
    "nice": ["-n", "--adjustment"],
    "setsid": [],
  ]

  /// Names behind which another program, or a script, may stand: those above, shells, and what ``CommandCollector`` takes
  /// for a mere prefix.
  private static let starters = Set(options.keys).union([
    "busybox", "builtin", "command", "run", "exec", "sh", "bash", "rbash", "dash", "ash", "ksh", "ksh93",
    "mksh", "oksh",
    "loksh", "pdksh",
  ])

  private static let starterNames = CommandNames(starters)

  /// Whether a command of a name may start another one; false is certain.
  static func mayStartAnother(_ name: String) -> Bool {
    // Shells are known by their paths too, in any letter case, with `.exe` behind them.
    let isSpelled = name.utf8.contains { byte in
      byte == 0x2F || byte == 0x5C || byte >= 0x41 && byte <= 0x5A || byte >= 0x80
    }
    return isSpelled || starterNames.mayHave(name) && starters.contains(name) || name.hasSuffix(".exe")
  }

  /// The words behind a program that starts another, from that one's name on; nil when the program is none of these.
  static func command(behind name: String, _ words: ArraySlice<CommandWord>) -> ArraySlice<CommandWord>? {
    guard let options = options[name] else { return nil }
    var words = words
    while let word = words.first {
      guard let text = word.literal else {
        // `env A=$b program`: an assignment need not be literal.
        guard word.argument.text.isAssignment else { return nil }
        words = words.dropFirst()
        continue
      }
      if text == "--" {
        words = words.dropFirst()
        break
      }
      if word.isFlag {
        words = words.dropFirst(options.contains(text) ? 2 : 1)
      } else if text.isAssignment {
        words = words.dropFirst()
      } else {
        break
      }
    }
    while words.first?.argument.text.isAssignment == true { words = words.dropFirst() }
    return words.isEmpty ? nil : words
  }

  /// The script of `sh -c script`; nil without `-c`.
  static func scriptWord(_ words: ArraySlice<CommandWord>) -> CommandWord? {
    var hasCommand = false
    var words = words
    while let word = words.popFirst() {
      guard word.isFlag || word.literal?.hasPrefix("+") == true, let text = word.literal, text != "-" else {
        return hasCommand ? word : nil
      }
      if text == "--" { return hasCommand ? words.first : nil }
      if text.hasPrefix("--") {
        if text == "--rcfile" || text == "--init-file" { words = words.dropFirst() }
        continue
      }
      if text.contains("c"), !text.hasPrefix("+") { hasCommand = true }
      // `-o pipefail`, also as the last letter of `-euo`.
      if text.hasSuffix("o") || text.hasSuffix("O") { words = words.dropFirst() }
    }
    return nil
  }
}

extension String {
  /// Whether the text starts with a name and an equals sign.
  fileprivate var isAssignment: Bool {
    guard let equals = utf8.firstIndex(of: 0x3D), equals > utf8.startIndex else { return false }
    let name = utf8[..<equals]
    guard let first = name.first, first < 0x30 || first > 0x39 else { return false }
    return name.allSatisfy { byte in
      byte == 0x5F || byte >= 0x30 && byte <= 0x39 || (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A
    }
  }
}

extension ShellCommandNode {
  /// The index of the here-document that a shell reads as its script: `bash -e <<E`, also behind `sudo` and its like.
  var scriptDocument: Int? {
    guard case .simple(let simple) = kind,
      let redirection = redirections.last(where: {
        $0.heredoc != nil && ($0.descriptor.isEmpty || $0.descriptor == "0")
      })
    else { return nil }
    var words: [String] = []
    for argument in simple.words {
      guard case .word(let word) = argument, let text = word.literalText else { return nil }
      words.append(text)
    }
    let list = words.map { text in
      CommandWord(
        argument: ShellCommand.Argument(text, at: redirection.range, isVerbatim: false), literal: text,
        isFlag: text.hasPrefix("-"), origin: .none)
    }
    var rest = list[...]
    while let name = rest.first?.literal?.split(separator: "/").last.map(String.init),
      let next = CommandPrefix.command(behind: name, rest.dropFirst())
    {
      rest = next
    }
    guard let shell = rest.popFirst()?.literal, ShellDialect(program: shell).isPOSIX else { return nil }
    while let word = rest.popFirst(), let text = word.literal {
      if text == "-" || text == "--" || text == "-s" { continue }
      guard text.hasPrefix("-") || text.hasPrefix("+"), !text.dropFirst().hasPrefix("-"), !text.contains("c")
      else {
        return nil
      }
      if text.hasSuffix("o") { rest = rest.dropFirst() }
    }
    return redirection.heredoc
  }
}
