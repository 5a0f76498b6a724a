/// The kinds of token; together the tokens of a script hold each of its bytes exactly once.
package enum ShellTokenKind: UInt8, Sendable, CaseIterable {
  // Trivia.
  /// Spaces and tabs.
  case blank
  /// A backslash at the end of a line, with the line end.
  case continuation
  /// A line end.
  case newline
  /// A comment, from `#` to the line end.
  case comment
  // What carries meaning.
  /// A control or redirection operator, or a parenthesis.
  case `operator`
  /// A reserved word, a brace of a group, `!`, `[`, `[[` and what closes them.
  case reserved
  /// What stands before a redirection operator: digits, `{name}` or `&`.
  case descriptor
  /// Plain text of a word.
  case literal
  /// A backslash and the character that it quotes.
  case escape
  /// A text in single quotes, with them; also `$'…'`.
  case singleQuoted
  /// A double quote; the opening one with the `$` before it.
  case quote
  /// A pattern: `*`, `?`, a bracket expression, the brackets and bars of an extended pattern.
  case glob
  /// Braces and commas of a brace expansion.
  case brace
  /// A piece of a parameter expansion: `$x`, `${`, the name, the operator, `}`.
  case parameter
  /// What opens or closes a substitution: `$(`, `<(`, `)`, a backtick.
  case substitution
  /// What stands between backticks.
  case backquoted
  /// What opens or closes an arithmetic expression, and its numbers, names and operators.
  case arithmetic
  /// The name and the equals sign of an assignment, the parentheses of an array.
  case assignment
  /// Text of a here-document.
  case heredocBody
  /// The line that ends a here-document.
  case heredocEnd
  /// What fits nowhere.
  case unexpected
}

/// A token: its kind and where it starts. It ends where the next one starts.
package struct ShellToken: Hashable, Sendable {
  /// The kind.
  package let kind: ShellTokenKind
  /// The offset of the first byte.
  package let start: UInt32
}
