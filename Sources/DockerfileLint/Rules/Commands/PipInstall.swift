import SourceText

extension ShellCommand {
  /// Whether the command is a `pip install`, as hadolint tells it: a program whose name starts with `pip` (but not
  /// `pipenv`) with the word `install`, or a `python…` with the words `-m pip install`.
  var isPipInstall: Bool {
    if name.hasPrefix("pip") { return !name.hasPrefix("pipenv") && has("install") }
    guard name.hasPrefix("python") else { return false }
    return hasRun("-m", "pip", "install")
  }

  /// Whether pip is started by a program that keeps environments of its own.
  var isPipWrapper: Bool {
    name.holds("pipx") || name.holds("pipenv")
      || name.hasPrefix("python") && (hasRun("-m", "pipx") || hasRun("-m", "pipenv"))
  }

  /// Whether these words follow each other among the arguments.
  private func hasRun(_ words: String...) -> Bool {
    guard arguments.count >= words.count else { return false }
    return (0...arguments.count - words.count).contains { start in
      words.indices.allSatisfy { arguments[start + $0].text == words[$0] }
    }
  }
}

extension [ShellCommand.Argument] {
  /// What stands behind the first of these words and its repetitions.
  func behind(_ word: String) -> ArraySlice<ShellCommand.Argument> {
    drop { $0.text != word }.drop { $0.text == word }
  }
}
