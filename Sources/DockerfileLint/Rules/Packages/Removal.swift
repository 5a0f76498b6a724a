import DockerfileSyntax
import SourceText

/// Looks for commands that remove what is in one of some folders: `rm`, and `find … -delete`.
struct Removal {
  let folders: [String]
  /// Where the last `cd` went, if that was to an absolute path.
  private var directory: String?

  init(_ folders: [String]) {
    self.folders = folders
  }

  /// Looks at the next command of a script: whether it removes the folder, or something in it.
  mutating func sees(_ command: ShellCommand, _ source: Source) -> Bool {
    switch command.name {
    case "cd":
      directory = command.arguments.last.map(\.text).flatMap { $0.utf8.first == 0x2F ? $0 : nil }
      return false
    case "rm": return hasFolder(command, source)
    case "find":
      return command.has("-delete", "-exec", "-execdir") && hasFolder(command, source)
    default: return false
    }
  }

  private func hasFolder(_ command: ShellCommand, _ source: Source) -> Bool {
    command.arguments.contains { argument in
      guard argument.text.utf8.first != 0x2D else { return false }
      // The text of a word has no braces any more.
      let raw = source.bytes(in: argument.range)
      let paths = raw.contains(0x7B) ? Self.expandingBraces(raw) : [argument.text]
      return paths.contains { path in
        if path.utf8.first == 0x2F { return covers(path) }
        return directory.map { covers($0 + "/" + path) } ?? false
      }
    }
  }

  private func covers(_ path: String) -> Bool {
    var end = path.utf8.endIndex
    while end > path.startIndex {
      let last = path.utf8.index(before: end)
      guard path.utf8[last] == 0x2A || path.utf8[last] == 0x2F else { break }
      end = last
    }
    let path = path[..<end]
    return folders.contains { folder in
      path == folder || path.isBelow(folder) || folder.isBelow(path)
    }
  }

  /// How many words one with braces may become.
  private static let maximumWords = 64

  /// The words that `a{b,c}d` stands for, quotes aside; at most ``maximumWords``.
  static func expandingBraces(_ word: ArraySlice<UInt8>) -> [String] {
    var words: [[UInt8]] = [[]]
    var rest = word.filter { $0 != 0x22 && $0 != 0x27 }[...]
    while let byte = rest.first {
      guard byte == 0x7B, let end = rest.firstIndex(of: 0x7D), rest[..<end].contains(0x2C) else {
        for index in words.indices { words[index].append(byte) }
        rest = rest.dropFirst()
        continue
      }
      let choices = rest[(rest.startIndex + 1)..<end].split(separator: 0x2C, omittingEmptySubsequences: false)
      guard words.count * choices.count <= maximumWords else { break }
      words = words.flatMap { word in choices.map { word + $0 } }
      rest = rest[(end + 1)...]
    }
    return words.map { String(decoding: $0, as: UTF8.self) }
  }
}
