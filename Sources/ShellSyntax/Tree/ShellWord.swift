package import SourceText

/// A word: its parts, without the blanks around it.
package struct ShellWord: Sendable {
  /// All of it.
  package var range: ByteRange
  /// The parts, in order and without gaps.
  package var parts: [Part]

  /// A part of a word.
  package struct Part: Sendable {
    /// What it is.
    package var kind: Kind
    /// All of it, with its quotes.
    package var range: ByteRange
  }

  /// The kinds of part. What is large or rare is kept apart, so that the many texts need no memory of their own.
  package enum Kind: Sendable {
    /// Text, with the backslashes removed that quote something.
    case literal(String)
    /// `'…'`: what stands between the quotes.
    case singleQuoted(String)
    /// `$'…'`: what stands between the quotes, escapes not decoded.
    case ansiQuoted(String)
    /// `"…"`, or `$"…"` when it is to be translated.
    case doubleQuoted([Part], isTranslated: Bool)
    /// `$x` or `${x…}`
    indirect case parameter(ShellParameter)
    /// `$(…)`
    case command(ShellList)
    /// `` `…` ``: what stands in it is read without its backslashes.
    indirect case backquoted(ShellList, ShellVerdict)
    /// `${ …; }`
    case braceCommand(ShellList)
    /// `$((…))` or `$[…]`
    indirect case arithmetic(ShellArithmetic)
    /// `<(…)`, or `>(…)` when it is an output.
    indirect case process(ShellList, isOutput: Bool)
    /// `*`, `?` or a bracket expression, as written.
    case glob(String)
    /// `@(…|…)` and its like: the character before the parenthesis, and the parts of the alternatives.
    indirect case extendedGlob(String, [Part])
    /// `{a,b}` or `{1..9}`: the parts of all elements.
    case braces([Part])
  }
}

/// `$x` or `${x…}`.
package struct ShellParameter: Sendable {
  /// Whether there are braces.
  package var isBraced: Bool
  /// `!` or `#` before the name, or nothing.
  package var prefix: String
  /// The name, number or special character; empty when there is none that is valid.
  package var name: String
  /// The parts of what stands in brackets behind the name; nil without brackets.
  package var index: [ShellWord.Part]?
  /// The operator, such as `:-`, `##` or `/`; empty when there is none.
  package var `operator`: String
  /// The parts of what stands behind the operator.
  package var argument: [ShellWord.Part]
}

/// An arithmetic expression.
package struct ShellArithmetic: Sendable {
  /// What stands between the parentheses.
  package var range: ByteRange
  /// The expansions and quoted texts in it, in order; names and numbers are not in it.
  package var parts: [ShellWord.Part]
  /// Whether it is the old form `$[…]`.
  package var isBracketed: Bool = false
}
