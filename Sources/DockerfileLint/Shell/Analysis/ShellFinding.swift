import SourceText

/// Something in a script that ShellCheck has a code for; the rule of that code finds the words.
struct ShellFinding {
  /// A replacement in the script.
  struct Change {
    let range: ByteRange
    let text: String
  }
  /// The number behind `SC`.
  let code: Int
  /// The place in the script.
  let range: ByteRange
  /// What it is about: a name, an operator, a character.
  var subject = ""
  /// What to change, if it is known.
  var changes: [Change] = []
  /// Whether the changes keep the meaning; nil when the rule always says the same.
  var isSafe = false
}
