package import SourceText

/// Something that the grammar refuses.
package struct ShellError: Hashable, Sendable {
  /// What it is.
  package enum Kind: Hashable, Sendable {
    /// A quote, a backtick or a here-document quote that nothing closes.
    case unclosedQuote
    /// `$(`, `${`, `$((`, `<(` that nothing closes.
    case unclosedExpansion
    /// `(`, `{`, `[`, an array or a pattern's parenthesis that nothing closes.
    case unclosedGroup
    /// A reserved word that has to follow is missing: `then`, `fi`, `do`, `done`, `in`, `esac`.
    case missingWord(String)
    /// There is no command where one has to be: behind `&&`, `|`, `then`, in `( )`.
    case missingCommand
    /// There is no word where one has to be: behind a redirection, `=`, `case`, `for`.
    case missingOperand
    /// A reserved word, an operator or a word that nothing before it allows.
    case unexpected
    /// A test expression that cannot be read.
    case invalidTest
    /// An arithmetic expression that cannot be read.
    case invalidArithmetic
    /// No line ends a here-document.
    case unterminatedHeredoc
    /// A backslash with nothing behind it.
    case trailingBackslash
    /// A comment with a ShellCheck directive where there may be none.
    case misplacedDirective
    /// Nested too deep to go on.
    case nestedTooDeep
  }
  /// What.
  package let kind: Kind
  /// Where.
  package let range: ByteRange
}

/// What a strict reader, one that gives up at the first error, makes of a script.
package enum ShellVerdict: Hashable, Sendable {
  /// There is nothing to object to.
  case accepted
  /// All is well up to here; then comes something that belongs to nothing, such as `fi` without `if`.
  case stopped(UInt32)
  /// It is no script.
  case refused
}
