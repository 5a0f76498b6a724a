import ShellSyntax
import SourceText

// What rules ask of the shell's tree again and again.

extension ShellList {
  /// The command of a list that has no other.
  var onlyNode: ShellCommandNode? {
    guard statements.count == 1, statements[0].pipelines.count == 1, statements[0].terminator != .background,
      statements[0].pipelines[0].commands.count == 1
    else { return nil }
    return statements[0].pipelines[0].commands[0]
  }

  /// The same when it is a simple command.
  var onlyCommand: ShellSimpleCommand? {
    guard let node = onlyNode, case .simple(let simple) = node.kind else { return nil }
    return simple
  }
}

extension ShellCommandNode {
  /// The command when it is a simple one.
  var simple: ShellSimpleCommand? {
    if case .simple(let simple) = kind { simple } else { nil }
  }

  /// The name without its folder, when it is written there.
  var commandName: Substring? { simple?.commandName }

  /// From the first assignment or word to the last word, without redirections.
  var wordsRange: ByteRange {
    guard let simple, let first = simple.words.first, let last = simple.words.last else { return range }
    let start = simple.assignments.first?.range ?? first.range
    return start.union(last.range)
  }
}

extension ShellSimpleCommand {
  /// The name without its folder, when it is written there.
  var commandName: Substring? {
    guard let text = words.first?.literalText else { return nil }
    guard text.utf8.contains(0x2F) else { return Substring(text) }
    return text.split(separator: "/", omittingEmptySubsequences: false).last
  }
}

extension ShellSimpleCommand.Argument {
  /// The text of an argument that is literal, quotes removed.
  var literalText: String? {
    if case .word(let word) = self { word.literalText } else { nil }
  }

  /// The word; nil for an assignment.
  var word: ShellWord? {
    if case .word(let word) = self { word } else { nil }
  }

  /// Whether it starts with a dash that is written there.
  var startsWithDash: Bool { word?.isFlag ?? false }

  /// Whether a pattern is in it that the shell would look for files with.
  var hasPattern: Bool {
    word?.parts.contains { part in
      switch part.kind {
      case .glob, .extendedGlob, .braces: true
      default: false
      }
    } ?? false
  }

  /// The text before the first expansion, quotes removed.
  var prefix: String {
    guard let word else { return "" }
    var text = ""
    func add(_ parts: [ShellWord.Part]) -> Bool {
      for part in parts {
        switch part.kind {
        case .literal(let piece), .singleQuoted(let piece), .ansiQuoted(let piece): text += piece
        case .doubleQuoted(let inner, _): if !add(inner) { return false }
        default: return false
        }
      }
      return true
    }
    _ = add(word.parts)
    return text
  }
}

extension ShellWord {
  /// Whether the word is the same whatever happens: no expansion, no pattern.
  var isConstant: Bool { !parts.isEmpty && literalText != nil }

  /// Whether the word is one expansion without quotes.
  var onlyUnquotedParameter: Bool {
    guard parts.count == 1, case .parameter = parts[0].kind else { return false }
    return true
  }

  /// The one expansion that a word consists of, with or without quotes.
  var onlyParameter: ShellParameter? {
    guard parts.count == 1 else { return nil }
    switch parts[0].kind {
    case .parameter(let parameter): return parameter
    case .doubleQuoted(let inner, _):
      if inner.count == 1, case .parameter(let parameter) = inner[0].kind { return parameter }
      return nil
    default: return nil
    }
  }
}
