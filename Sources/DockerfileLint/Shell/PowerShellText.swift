import DockerfileSyntax
import SourceText

/// The commands in a script for PowerShell that any shell would read in the same way.
///
/// `choco install git; pip install -U .` means there what it means elsewhere. A command counts when it stands between
/// separators (`;`, `|`, `&&`, `||`, braces, line ends), and consists of a name and words without variables,
/// escapes and parentheses. Names that PowerShell has as another name of a command of its own do not count.
enum PowerShellText {
  /// The text of such commands, one a line; each of its words has its place in the script, but none can be edited: what a
  /// fix would write need not be PowerShell.
  static func plainCommands(_ text: CookedText) -> CookedText {
    var result = CookedText()
    var words: [Range<Int>] = []
    var isPlain = true
    var index = 0
    let bytes = text.bytes

    func finish(_ end: Int) {
      defer {
        words = []
        isPlain = true
      }
      guard isPlain, let first = words.first, isName(bytes[first]) else { return }
      for (number, word) in words.enumerated() {
        if number > 0 { result.append([0x20], for: text.original(word.lowerBound..<word.lowerBound)) }
        result.append(bytes[word], for: text.original(word))
      }
      result.append([0x0A], for: text.original(end..<end))
    }

    while index < bytes.count {
      switch bytes[index] {
      case 0x20, 0x09, 0x0D: index += 1
      case 0x3B, 0x0A, 0x7C, 0x7B, 0x7D:
        finish(index)
        index += 1
      case 0x26 where index + 1 < bytes.count && bytes[index + 1] == 0x26:
        finish(index)
        index += 2
      case 0x23:
        while index < bytes.count, bytes[index] != 0x0A { index += 1 }
      case 0x40 where index + 1 < bytes.count && (bytes[index + 1] == 0x27 || bytes[index + 1] == 0x22):
        // A text of several lines: what follows it is not worth the search for its end.
        return result
      default:
        let start = index
        index = wordEnd(bytes, from: index)
        if index == start || !isPlainWord(bytes[start..<index]) { isPlain = false }
        words.append(start..<max(index, start + 1))
        index = max(index, start + 1)
      }
    }
    finish(bytes.count)
    return result
  }

  /// The end of a word, quoted pieces included.
  private static func wordEnd(_ bytes: [UInt8], from start: Int) -> Int {
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x27 || byte == 0x22 {
        guard let end = bytes[(index + 1)...].firstIndex(of: byte) else { return bytes.count }
        index = end + 1
      } else if " \t\r\n;|{}&".utf8.contains(byte) {
        return index
      } else {
        index += 1
      }
    }
    return index
  }

  /// Whether a word is the same in every shell.
  private static func isPlainWord(_ word: ArraySlice<UInt8>) -> Bool {
    // `@name` is a variable.
    guard word.first != 0x40 else { return false }
    var quote: UInt8 = 0
    for byte in word {
      switch byte {
      case 0x27, 0x22:
        if quote == 0 { quote = byte } else if quote == byte { quote = 0 } else { return false }
      case 0x24, 0x60, 0x5C: return false
      case _ where quote != 0: break
      case _ where byte.isASCIILetter || byte.isASCIIDigit || byte >= 0x80: break
      default: if !"-_./:=@%+,~^".utf8.contains(byte) { return false }
      }
    }
    return quote == 0
  }

  /// Whether a word is the name of a program.
  private static func isName(_ word: ArraySlice<UInt8>) -> Bool {
    guard word.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || "-_./".utf8.contains($0) }),
      word.first?.isASCIILetter ?? false
    else { return false }
    let name = String(decoding: word, as: UTF8.self).lowercased()
    return !aliases.contains(name) && !keywords.contains(name)
  }

  /// What means something else in PowerShell.
  private static let aliases: Set<String> = [
    "curl", "kill", "mount", "ps", "sort", "start", "tee", "type", "wget",
  ]
  /// What is no command, there or in the shell that the text is read for.
  private static let keywords: Set<String> = [
    "begin", "case", "catch", "coproc", "do", "done", "elif", "else", "elseif", "end", "esac", "exit", "fi",
    "filter",
    "finally", "for", "foreach", "function", "if", "in", "param", "process", "return", "select", "switch",
    "then",
    "throw", "time", "trap", "try", "until", "while",
  ]
}
