import ShellSyntax
import SourceText

extension ShellAnalyzer {
  /// The names of commands that a check knows, or that do something to variables or to the script.
  ///
  /// A check of one more program must have the name here: the examples of its rule fail without.
  private static let knownNames = CommandNames([
    "caller", "cd", "compgen", "complete", "compopt", "declare", "dirs", "disown", "echo", "egrep", "enable",
    "eval",
    "exec", "exit", "export", "expr", "fgrep", "find", "getopts", "grep", "hash", "jobs", "let", "ln",
    "local", "mapfile",
    "mkdir", "popd", "printf", "pushd", "read", "readarray", "readonly", "return", "rm", "set", "shopt",
    "source", "sudo",
    "suspend", "test", "tr", "trap", "type", "typeset", "ulimit", "umask", "unset", "wait",
  ])

  /// Whether there is nothing to say of a command, as of most: its name is one that no check knows, and its words are plain
  /// text, written as they are, without a character that a check of all words looks for.
  func isUnremarkable(_ command: ShellSimpleCommand, _ node: ShellCommandNode) -> Bool {
    guard command.assignments.isEmpty, node.redirections.isEmpty, !command.words.isEmpty else { return false }
    for index in command.words.indices {
      guard case .word(let word) = command.words[index], word.parts.count == 1,
        case .literal(let text) = word.parts[0].kind, text.utf8.count == word.range.count
      else { return false }
      if index == 0 {
        guard text.isOrdinaryName, !Self.knownNames.mayHave(text) else { return false }
      } else if index == 1, text.utf8.first == 0x3D {
        return false
      } else if text.isReservedWord {
        return false
      }
    }
    let bytes = script.text.span
    guard Int(node.range.upper) <= bytes.count else { return false }
    for offset in node.range.indices {
      switch bytes[offset] {
      case 0x5C, 0x7B, 0x7D: return false
      default: continue
      }
    }
    return true
  }
}

extension String {
  /// Whether the text is a command's name without anything odd: it starts with a letter and ends with a letter or a digit.
  fileprivate var isOrdinaryName: Bool {
    let bytes = utf8.span
    guard bytes.count > 0, bytes[0].isASCIILetter else { return false }
    for index in bytes.indices {
      switch bytes[index] {
      case 0x2B, 0x2D, 0x2E, 0x5F: if index == bytes.count - 1 { return false }
      case let byte: if !byte.isASCIILetter, !byte.isASCIIDigit { return false }
      }
    }
    return true
  }

  /// Whether the text is a reserved word that is odd as an argument.
  fileprivate var isReservedWord: Bool {
    guard (2...4).contains(utf8.count) else { return false }
    switch self {
    case "do", "done", "then", "fi", "esac": return true
    default: return false
    }
  }
}
