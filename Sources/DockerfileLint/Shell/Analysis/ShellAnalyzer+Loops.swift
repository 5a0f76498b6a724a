import ShellSyntax
import SourceText

extension ShellAnalyzer {
  /// The words of `for`.
  mutating func checkLoopWords(_ words: [ShellWord]) {
    guard silence == 0 else { return }
    if words.count == 1 {
      checkOnlyLoopWord(words[0])
    } else {
      for word in words {
        if case .literal(let text)? = word.parts.last?.kind, text.hasSuffix(",") { report(2258, word.range) }
      }
    }
    for word in words where word.hasGlob {
      for part in word.parts where part.isQuotable { report(2231, part.range) }
    }
  }

  /// A loop over one word: over what it expands to, or it is no loop.
  private mutating func checkOnlyLoopWord(_ word: ShellWord) {
    for part in word.parts { checkLoopOutput(part, isAll: word.parts.count == 1) }
    let only = word.parts.count == 1 ? word.parts[0].kind : nil
    if case .doubleQuoted(let inner, false)? = only {
      let isPattern = word.literalText?.contains("*") ?? false
      if isPattern || inner.contains(where: { $0.isQuotable }) && !word.mayBecomeSeveral {
        report(2066, word.range)
        return
      }
    }
    if case .singleQuoted? = only {
      report(2041, word.range)
    } else if word.unquotedText?.contains(",") ?? false {
      report(2042, word.range)
    } else if !word.isSplit, !word.mayBecomeSeveral {
      report(2043, word.range)
    }
  }

  /// The output of a command as the words of a loop.
  ///
  /// - Parameter isAll: whether the word consists of it alone.
  private mutating func checkLoopOutput(_ part: ShellWord.Part, isAll: Bool) {
    let list: ShellList
    switch part.kind {
    case .command(let inner), .backquoted(let inner, _): list = inner
    default: return
    }
    if isAll, let command = list.onlyCommand {
      switch command.words.first?.literalText {
      case "ls": report(2045, part.range)
      case "find": report(2044, part.range)
      default: break
      }
    }
    let lineTools: Set<Substring> = ["grep", "fgrep", "egrep", "sed", "cat", "awk", "cut", "sort"]
    if let pipeline = list.onlyPipeline,
      pipeline.commands.allSatisfy({ $0.commandName.map { lineTools.contains($0) } ?? false })
    {
      report(2013, part.range)
    }
  }

  // MARK: Sequences

  /// Commands one behind the other.
  mutating func checkSequence(_ list: ShellList) {
    guard silence == 0, list.statements.count > 1 else { return }
    if !stopsOnError { checkReturn(list) }
    checkAppends(list)
  }

  /// `cd` somewhere and `cd` back.
  private mutating func checkReturn(_ list: ShellList) {
    var hasLeft = false
    for statement in list.statements {
      guard let node = statement.onlyNode, let simple = node.simple, simple.commandName == "cd" else {
        continue
      }
      let target = simple.words.count == 2 ? simple.words[1].literalText : nil
      let isBack = target == ".." || target == "-"
      if isBack, hasLeft {
        report(2103, node.range)
        return
      }
      hasLeft = !isBack
    }
  }

  /// Three commands in a row that append to one file.
  private mutating func checkAppends(_ list: ShellList) {
    var start: ShellCommandNode?
    var target: ArraySlice<UInt8> = []
    var count = 0
    for statement in list.statements {
      let isPlain = statement.pipelines.count == 1 && statement.terminator != .background
      guard isPlain, statement.pipelines[0].negations == 0, let node = statement.pipelines[0].commands.last,
        let word = node.redirections.first(where: { $0.kind == .append })?.target
      else {
        count = 0
        continue
      }
      let text = script.text[word.range.indices]
      if count > 0, text.elementsEqual(target) {
        count += 1
        if count == 3, let start { report(2129, start.range) }
      } else {
        start = node
        target = text
        count = 1
      }
    }
  }
}

extension ShellStatement {
  /// The command of a statement that has no other, in the foreground and not turned round.
  var onlyNode: ShellCommandNode? {
    guard pipelines.count == 1, terminator != .background, pipelines[0].commands.count == 1,
      pipelines[0].negations == 0
    else { return nil }
    return pipelines[0].commands[0]
  }
}

extension ShellWord.Part {
  /// Whether it is an expansion that quotes would keep together.
  var isQuotable: Bool {
    switch kind {
    case .parameter, .command, .backquoted, .braceCommand: true
    default: false
    }
  }
}

extension ShellWord {
  /// Whether the shell splits the word, or looks for files with it.
  var isSplit: Bool {
    parts.contains { part in
      switch part.kind {
      case .parameter, .command, .backquoted, .braces, .glob, .extendedGlob: true
      case .doubleQuoted(let inner, _): inner.contains { $0.isAllElements }
      default: false
      }
    }
  }

  /// Whether the word may give several words.
  var mayBecomeSeveral: Bool {
    parts.contains { part in
      switch part.kind {
      case .parameter, .glob, .extendedGlob, .braces: true
      case .doubleQuoted(let inner, _):
        inner.contains { inner in
          if case .parameter(let parameter) = inner.kind, parameter.prefix == "!" { return true }
          return inner.isAllElements
        }
      default: false
      }
    }
  }

  /// The text of a word that has no quotes and no expansions.
  var unquotedText: String? {
    var text = ""
    for part in parts {
      guard case .literal(let piece) = part.kind else { return nil }
      text += piece
    }
    return text
  }

  /// What is written in the word, quotes removed, expansions left out.
  var writtenText: String {
    func text(_ parts: [Part]) -> String {
      parts.reduce(into: "") { result, part in
        switch part.kind {
        case .literal(let piece), .singleQuoted(let piece), .ansiQuoted(let piece): result += piece
        case .doubleQuoted(let inner, _): result += text(inner)
        default: break
        }
      }
    }
    return text(parts)
  }
}

extension ShellWord.Part {
  /// Whether it is `$@` or all elements of an array.
  var isAllElements: Bool {
    guard case .parameter(let parameter) = kind, parameter.prefix != "#" else { return false }
    return parameter.isAll("@")
  }
}
