import SourceText

/// A shell command that a program can be started from without a shell: words, quotes around literal text, nothing else.
enum PlainCommand {
  /// The words of a command; nil when it needs a shell, or may need one.
  static func words(_ text: [UInt8]) -> [[UInt8]]? {
    var words: [[UInt8]] = []
    var word: [UInt8]?
    var index = 0
    while index < text.count {
      let byte = text[index]
      index += 1
      switch byte {
      case 0x20, 0x09:
        if let done = word { words.append(done) }
        word = nil
      case 0x27, 0x22:
        guard let end = text[index...].firstIndex(of: byte) else { return nil }
        let quoted = text[index..<end]
        if byte == 0x22, quoted.contains(where: { $0 == 0x24 || $0 == 0x60 || $0 == 0x5C || $0 == 0x21 }) {
          return nil
        }
        word = (word ?? []) + quoted
        index = end + 1
      case let byte where isPlain(byte): word = (word ?? []) + [byte]
      default: return nil
      }
    }
    if let word { words.append(word) }
    if words.first?.elementsEqual("exec".utf8) == true, let next = words.dropFirst().first, next.first != 0x2D
    {
      words.removeFirst()
    }
    guard let program = words.first, !program.isEmpty, !program.contains(0x3D) else { return nil }
    return builtins.contains(String(decoding: program, as: UTF8.self)) ? nil : words
  }

  /// Letters, digits, what is not ASCII, and the punctuation that no shell gives a meaning.
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte.isASCIILetter || byte.isASCIIDigit || byte >= 0x80
      || [0x2B, 0x2C, 0x2D, 0x2E, 0x2F, 0x3A, 0x3D, 0x40, 0x5F, 0x25].contains(byte)
  }

  /// Words that only a shell understands.
  private static let builtins: Set<String> = [
    ".", ":", "alias", "bg", "break", "case", "cd", "command", "continue", "do", "done", "elif", "else",
    "esac", "eval",
    "exec", "exit", "export", "fg", "fi", "for", "function", "getopts", "if", "jobs", "local", "pushd",
    "read",
    "readonly", "return", "select", "set", "shift", "shopt", "source", "then", "time", "times", "trap",
    "type",
    "typeset", "ulimit", "umask", "unalias", "unset", "until", "wait", "while",
  ]

  /// The words as an exec form; nil when one is not UTF-8.
  static func execForm(_ words: [[UInt8]]) -> String? {
    var result = "["
    for (index, word) in words.enumerated() {
      guard let text = String(validating: word, as: UTF8.self) else { return nil }
      if index > 0 { result += ", " }
      result += "\""
      for scalar in text.unicodeScalars {
        if scalar == "\"" || scalar == "\\" { result += "\\" }
        guard scalar.value >= 0x20 else { return nil }
        result.unicodeScalars.append(scalar)
      }
      result += "\""
    }
    return result + "]"
  }
}
