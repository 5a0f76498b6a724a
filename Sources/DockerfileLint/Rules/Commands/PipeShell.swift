/// What a shell does with pipes.
enum PipeShell {
  /// Nothing is known of it, or it is `sh`, which need not know the option.
  case plain
  /// It knows `pipefail`, which is not set.
  case able
  /// `pipefail` is set, or it is a shell that has no such thing.
  case covered

  /// Reads the words of SHELL.
  init(_ words: [String]) {
    let name = words.first.map { Self.name($0) } ?? ""
    if ["pwsh", "powershell", "cmd"].contains(name) {
      self = .covered
    } else if Self.isAble(name) {
      self = Self.setsPipefail(words.dropFirst()) ? .covered : .able
    } else {
      self = .plain
    }
  }

  /// Reads SHELL as hadolint does: as a text whose commands are looked at, whatever its form.
  init(strictly words: [String]) {
    let text = words.joined(separator: " ")
    if text.hasPrefix("pwsh") || text.hasPrefix("powershell") || text.hasPrefix("cmd") {
      self = .covered
      return
    }
    let parts = text.split { $0 == " " || $0 == "\t" }.map { String($0) }
    // To hadolint a shell is one by its name or by its path in /bin, nowhere else.
    let program = parts.first ?? ""
    let name = program.hasPrefix("/bin/") ? String(program.dropFirst(5)) : program
    self = Self.isAble(name) && Self.setsPipefail(parts.dropFirst()) ? .covered : .plain
  }

  private static func isAble(_ name: String) -> Bool { name == "bash" || name == "zsh" || name == "ash" }

  private static func setsPipefail(_ words: ArraySlice<String>) -> Bool {
    guard words.contains("pipefail") else { return false }
    return words.contains { word in
      word.utf8.first == 0x2D && !word.hasPrefix("--") && word.utf8.contains(0x6F)
    }
  }

  /// The last part of a program's path, in small letters, without `.exe`.
  private static func name(_ program: String) -> String {
    let last = program.split { $0 == "/" || $0 == "\\" }.last.map { $0.lowercased() } ?? ""
    return last.hasSuffix(".exe") ? String(last.dropLast(4)) : last
  }
}
