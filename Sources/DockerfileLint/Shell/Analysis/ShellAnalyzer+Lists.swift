import ShellSyntax
import SourceText

extension ShellAnalyzer {
  /// `A && B || C`: C runs also when B fails.
  mutating func checkChoice(_ statement: ShellStatement) {
    guard silence == 0, statement.connectors.count >= 2 else { return }
    for index in 1..<statement.connectors.count {
      guard statement.connectors[index].kind == .or, statement.connectors[index - 1].kind == .and,
        index == statement.connectors.count - 1
      else { continue }
      if isHarmless(statement.pipelines[index]) || isFallback(statement.pipelines[index + 1]) { continue }
      report(2015, statement.connectors[index - 1].range)
    }
  }

  /// Whether a pipeline in the middle is an assignment or a test, so that it does not fail by accident.
  private func isHarmless(_ pipeline: ShellPipeline) -> Bool {
    guard pipeline.commands.count == 1 else { return false }
    switch pipeline.commands[0].kind {
    case .test: return true
    case .simple(let simple): return simple.words.isEmpty || simple.commandName == "test"
    default: return false
    }
  }

  private func isFallback(_ pipeline: ShellPipeline) -> Bool {
    guard pipeline.commands.count == 1, case .simple(let simple) = pipeline.commands[0].kind else {
      return false
    }
    if simple.words.isEmpty { return true }
    switch simple.commandName {
    case "echo", "exit", "return", "printf", "true", ":": return true
    default: return false
    }
  }

  /// `! command` does not stop the script under `set -e`.
  mutating func checkNegation(_ pipeline: ShellPipeline) {
    guard silence == 0, pipeline.negations > 0, !isChecked, stopsOnError else { return }
    report(2251, ByteRange(pipeline.range.lower, pipeline.range.lower + 1))
  }

  mutating func checkPipes(_ pipeline: ShellPipeline) {
    for pipe in pipeline.pipes where pipe.count == 2 { reportBashism(3029, pipe) }
    let isAllOfSubstitution = isAlone
    isAlone = false
    guard silence == 0 else { return }
    checkSameFile(pipeline)
    guard pipeline.commands.count > 1 else {
      if let node = pipeline.commands.first, node.redirectsNothing, !isAllOfSubstitution {
        report(2188, node.redirections[0].range)
      }
      return
    }
    checkReplacedPipes(pipeline)
    let isListed = pipeline.readsNamesOfLs
    for (index, node) in pipeline.commands.enumerated() {
      if node.redirectsNothing, let first = node.redirections.first { report(2189, first.range) }
      let next = index + 1 < pipeline.commands.count ? pipeline.commands[index + 1] : nil
      guard let simple = node.simple else { continue }
      if let next, let name = simple.words.first?.literalText {
        feed(name, simple, node, next, isListed: isListed)
      }
      guard let name = simple.commandName else { continue }
      if index > 0 { receive(String(name), simple, node) }
    }
  }

  /// A file that is read and written at once.
  private mutating func checkSameFile(_ pipeline: ShellPipeline) {
    func isFile(_ redirection: ShellRedirection) -> Bool {
      redirection.kind == .input || redirection.kind == .output || redirection.kind == .append
    }
    let commands = pipeline.commands.span
    guard commands.indices.contains(where: { commands[$0].redirections.contains(where: isFile) }) else {
      return
    }
    struct Use {
      let range: ByteRange
      let isInput: Bool
      let isOutput: Bool
      let isTarget: Bool
    }
    var uses: [[UInt8]: [Use]] = [:]
    for node in pipeline.commands {
      let name = node.commandName ?? ""
      guard !["echo", "mapfile", "printf", "sponge"].contains(name) else { continue }
      for redirection in node.redirections {
        guard let word = redirection.target, redirection.heredoc == nil else { continue }
        uses[Array(script.text[word.range.indices]), default: []].append(
          Use(
            range: word.range, isInput: redirection.kind == .input,
            isOutput: redirection.kind == .output || redirection.kind == .append,
            isTarget: isFile(redirection)))
      }
      for case .word(let word) in node.simple?.words ?? [] {
        uses[Array(script.text[word.range.indices]), default: []].append(
          Use(range: word.range, isInput: false, isOutput: false, isTarget: false))
      }
    }
    for (text, places) in uses where places.count > 1 && !text.starts(with: "/dev/".utf8) {
      let inputs = places.count { $0.isInput }
      let outputs = places.count { $0.isOutput }
      guard places.contains(where: { $0.isTarget }), inputs < places.count, outputs < places.count else {
        continue
      }
      for place in places { report(2094, place.range) }
    }
  }

  /// A command whose output goes into another one.
  private mutating func feed(
    _ name: String, _ simple: ShellSimpleCommand, _ node: ShellCommandNode, _ next: ShellCommandNode,
    isListed: Bool
  ) {
    let nextName = next.simple?.words.first?.literalText
    switch name {
    case "ls":
      switch nextName {
      case "grep": report(2010, node.wordsRange)
      case "xargs": report(2011, node.wordsRange)
      default: if !isListed { report(2012, node.wordsRange) }
      }
    case "ps":
      let namesProcess = simple.words.contains { $0.hasFlag("pq", ["pid", "quick-pid"]) }
      if nextName == "grep", !namesProcess { report(2009, node.wordsRange) }
    case "find":
      guard nextName == "xargs", let xargs = next.simple else { return }
      let isSafe =
        simple.words.contains { ["-print0", "-printf", "-fprint0"].contains($0.literalText ?? "") }
        || xargs.words.contains { argument in
          guard let text = argument.literalText, text.hasPrefix("-") else { return false }
          if text.hasPrefix("--") {
            return text == "--null" || text.hasPrefix("--delimiter") || text.hasPrefix("--replace")
          }
          return text.utf8.contains(0x30) || text.utf8.contains(0x64) || text.utf8.contains(0x49)
        }
      if !isSafe { report(2038, node.wordsRange) }
    case "grep":
      guard nextName == "wc", let count = next.simple else { return }
      let isOther = simple.words.contains {
        $0.hasFlag(
          "lLorRAB",
          [
            "files-with-matches", "files-without-matches", "only-matching", "recursive", "after-context",
            "before-context",
          ])
      }
      let countsOther = count.words.contains {
        $0.hasFlag("mwcL", ["chars", "words", "bytes", "max-line-length"])
      }
      if !isOther, !countsOther, count.words.contains(where: { $0.startsWithDash }) {
        report(2126, node.wordsRange)
      }
    case "cat":
      let arguments = simple.words.dropFirst()
      guard arguments.count == 1, let argument = arguments.first, !argument.startsWithDash,
        !argument.hasPattern, node.redirections.isEmpty,
        case .word(let word) = argument
      else { return }
      if word.literalText != nil || word.isQuotedWhole { report(2002, word.range) }
    default: break
    }
  }

  /// Commands that do not look at their input.
  private static let deafCommands: Set<String> = [
    "basename", "cd", "chgrp", "chmod", "chown", "cp", "dirname", "du", "echo", "export", "kill", "ln",
    "ls", "mkdir",
    "mkfifo", "mv", "printf", "ps", "pwd", "renice", "rm", "rmdir", "set", "sleep", "touch", "trap",
    "ulimit", "unset",
  ]

  /// A command that gets its input from a pipe.
  private mutating func receive(_ name: String, _ simple: ShellSimpleCommand, _ node: ShellCommandNode) {
    guard Self.deafCommands.contains(name), simple.words.first?.literalText == name else { return }
    // A command between the words may read the input after all.
    let reads =
      simple.words.contains { $0.word?.hasSubstitution ?? false }
      || simple.assignments.contains { assignment in
        if case .word(let word) = assignment.value { word.hasSubstitution } else { false }
      }
    if reads || node.redirections.contains(where: { $0.kind == .input || $0.kind == .heredoc }) { return }
    // Some of them ask before they do what they are told.
    let asks =
      ["cp", "mv", "rm"].contains(name) && simple.words.contains { $0.hasFlag("i", ["interactive"]) }
    if asks { return }
    report(2216, node.wordsRange, name)
  }
}

extension ShellPipeline {
  /// Whether `ls` feeds `grep` or `xargs` somewhere in it.
  fileprivate var readsNamesOfLs: Bool {
    zip(commands, commands.dropFirst()).contains { left, right in
      guard left.simple?.words.first?.literalText == "ls" else { return false }
      let next = right.simple?.words.first?.literalText
      return next == "grep" || next == "xargs"
    }
  }
}

extension ShellCommandNode {
  /// Whether it consists of redirections alone.
  var redirectsNothing: Bool {
    guard !redirections.isEmpty, let simple else { return false }
    return simple.words.isEmpty && simple.assignments.isEmpty
  }
}

extension ShellSimpleCommand.Argument {
  /// Whether it is one of some options, given by their letters and their long names.
  func hasFlag(_ letters: String, _ names: [String]) -> Bool {
    let text = prefix
    guard startsWithDash, text.hasPrefix("-") else { return false }
    if text.hasPrefix("--") { return names.contains(String(text.dropFirst(2).prefix { $0 != "=" })) }
    return text.dropFirst().contains { letters.contains($0) }
  }
}

extension ShellWord {
  /// Whether the word is one text in double quotes.
  fileprivate var isQuotedWhole: Bool {
    guard parts.count == 1, case .doubleQuoted = parts[0].kind else { return false }
    return true
  }

  /// Whether a command stands in it.
  var hasSubstitution: Bool {
    func has(_ parts: [Part]) -> Bool {
      parts.contains { part in
        switch part.kind {
        case .command, .backquoted, .process, .braceCommand: true
        case .doubleQuoted(let inner, _): has(inner)
        default: false
        }
      }
    }
    return has(parts)
  }
}
