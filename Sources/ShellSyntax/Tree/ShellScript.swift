package import SourceText

/// A shell script as a lossless syntax tree: POSIX sh and bash.
///
/// The tokens tile the text. The parser is tolerant: what it cannot read stands in ``errors``, and it goes on behind. Every
/// range is one of bytes of the text.
package struct ShellScript: Sendable {
  /// The text.
  package let text: [UInt8]
  /// Every byte of the text, in order; none when the script was parsed without.
  package let tokens: [ShellToken]
  /// The commands.
  package let list: ShellList
  /// The here-documents, in the order of their operators; ``ShellRedirection/heredoc`` is an index into them.
  package let heredocs: [ShellHeredoc]
  /// What the grammar refuses, in the order in which it was found.
  package let errors: [ShellError]
  /// What ShellCheck's parser, which gives up at the first error, makes of it.
  package let verdict: ShellVerdict
  /// Where a no-break space (U+00A0) was taken for a blank, sorted.
  package let noBreakSpaces: [UInt32]

  /// Parses a text. It never fails, and takes linear time.
  ///
  /// - Parameters:
  ///   - acceptsWideBlanks: whether the blanks of Unicode, such as U+00A0, are blanks. They are for ShellCheck; to a shell
  ///     they are text.
  ///   - keepsTokens: whether to list the tokens, which take as much memory as the text.
  package static func parse(_ text: [UInt8], acceptsWideBlanks: Bool = false, keepsTokens: Bool = true)
    -> ShellScript
  {
    var parser = ShellParser(text, acceptsWideBlanks: acceptsWideBlanks, keepsTokens: keepsTokens)
    let list = parser.script()
    return ShellScript(
      text: text, tokens: parser.tokens, list: list, heredocs: parser.heredocs, errors: parser.errors,
      verdict: parser.verdict,
      noBreakSpaces: parser.noBreakSpaces.isEmpty ? [] : Set(parser.noBreakSpaces).sorted())
  }

  /// The bytes of the token at an index.
  package func range(ofToken index: Int) -> ByteRange {
    ByteRange(
      tokens[index].start,
      index + 1 < tokens.count ? tokens[index + 1].start : UInt32(truncatingIfNeeded: text.count))
  }

  /// The text of a range, with U+FFFD for what is not UTF-8.
  package func text(in range: ByteRange) -> String {
    String(decoding: text[range.indices], as: UTF8.self)
  }

  /// The text, put together from the tokens: always the same bytes as ``text``.
  package func printed() -> [UInt8] {
    tokens.indices.flatMap { text[range(ofToken: $0).indices] }
  }
}

/// Commands one behind the other.
package struct ShellList: Sendable {
  /// From the first to the last.
  package var range: ByteRange
  /// What lies between `;`, `&` and line ends.
  package var statements: [ShellStatement]
}

/// Pipelines joined by `&&` and `||`.
package struct ShellStatement: Sendable {
  /// How two pipelines are joined.
  package enum Connector: Sendable {
    /// `&&`
    case and
    /// `||`
    case or
  }
  /// How a statement ends.
  package enum Terminator: Sendable {
    /// The list ends with it.
    case none
    /// `;`
    case semicolon
    /// `&`
    case background
    /// A line end.
    case newline
  }
  /// From the first to the last pipeline.
  package var range: ByteRange
  /// The pipelines.
  package var pipelines: [ShellPipeline]
  /// What stands between them, one less than the pipelines, with its place.
  package var connectors: [(kind: Connector, range: ByteRange)]
  /// What ends it.
  package var terminator: Terminator
}

/// Commands joined by pipes.
package struct ShellPipeline: Sendable {
  /// All of it, with the `!`.
  package var range: ByteRange
  /// How many `!` stand before it.
  package var negations: Int
  /// The commands.
  package var commands: [ShellCommandNode]
  /// The `|` and `|&` between them.
  package var pipes: [ByteRange]
}

/// A here-document.
package struct ShellHeredoc: Sendable {
  /// The delimiter, without its quotes.
  package var delimiter: [UInt8]
  /// Whether leading tabs are stripped (`<<-`).
  package var stripsTabs: Bool
  /// Whether expansions in the body are done: no part of the delimiter is quoted.
  package var expands: Bool
  /// The lines between.
  package var body: ByteRange
  /// The parts of the body; one literal when nothing is expanded.
  package var parts: [ShellWord.Part]
  /// Whether a line ends it.
  package var isTerminated: Bool
}
