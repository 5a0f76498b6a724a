/// The kinds of token; together the tokens of a file hold each of its bytes exactly once.
public enum TokenKind: UInt8, Sendable, CaseIterable {
  // Trivia.
  /// A byte-order mark at the start of the file.
  case byteOrderMark
  /// A line end, with the carriage returns before it.
  case newline
  /// White space between other tokens, and blank lines' content.
  case space
  /// A comment from `#` to the line's end.
  case comment
  /// The escape character that joins a line to the next, with the blanks behind it and the line end.
  case continuation
  /// A byte that the Dockerfile grammar drops: an escape character at the very end of an instruction.
  case stray
  // What carries meaning.
  /// A parser directive, from `#` to the line's end.
  case directive
  /// An instruction's keyword.
  case keyword
  /// A flag, `--name=value`, or the `--` that ends them.
  case flag
  /// An argument delimited by white space.
  case word
  /// Text that goes on as it is: a shell command, the rest of a line.
  case text
  /// A string of the exec (JSON) form, with its quotes.
  case string
  /// Brackets and commas of the exec form.
  case punctuation
  /// The lines of a here-document.
  case heredocBody
  /// The line that ends a here-document, without its line end.
  case heredocEnd

  /// Whether tokens of this kind are passed over when an argument's text is put together.
  public var isTrivia: Bool { rawValue <= TokenKind.stray.rawValue }

  /// The name in dumps.
  public var name: String {
    switch self {
    case .byteOrderMark: "byte-order-mark"
    case .newline: "newline"
    case .space: "space"
    case .comment: "comment"
    case .continuation: "continuation"
    case .stray: "stray"
    case .directive: "directive"
    case .keyword: "keyword"
    case .flag: "flag"
    case .word: "word"
    case .text: "text"
    case .string: "string"
    case .punctuation: "punctuation"
    case .heredocBody: "heredoc-body"
    case .heredocEnd: "heredoc-end"
    }
  }
}

/// A token: its kind and where it starts. It ends where the next one starts.
@frozen
public struct Token: Hashable, Sendable {
  /// The kind.
  public var kind: TokenKind
  /// The offset of the first byte.
  public var start: UInt32

  @inlinable
  init(_ kind: TokenKind, _ start: Int) {
    self.kind = kind
    self.start = UInt32(truncatingIfNeeded: start)
  }
}
