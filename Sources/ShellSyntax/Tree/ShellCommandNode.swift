package import SourceText

/// A command with its redirections.
package struct ShellCommandNode: Sendable {
  /// All of it, redirections included.
  package var range: ByteRange
  /// What it is.
  package var kind: Kind
  /// The redirections, in order; those of a simple command may stand between its words.
  package var redirections: [ShellRedirection]

  /// The kinds of command. What is large or rare is kept apart, so that simple commands need no memory of their own.
  package enum Kind: Sendable {
    /// A name and its arguments.
    case simple(ShellSimpleCommand)
    /// `{ …; }`
    case group(ShellList)
    /// `( … )`
    case subshell(ShellList)
    /// `if`: the conditions with what follows them, and what stands behind `else`.
    indirect case conditional([(condition: ShellList, body: ShellList)], otherwise: ShellList?)
    /// `while`, or `until`.
    indirect case loop(isUntil: Bool, condition: ShellList, body: ShellList)
    /// `for name in words`, or `select`; without `in` the words are nil.
    indirect case iteration(
      isSelect: Bool, name: String, nameRange: ByteRange, words: [ShellWord]?, body: ShellList)
    /// `for ((…; …; …))`
    indirect case arithmeticLoop(ShellArithmetic, body: ShellList)
    /// `case word in …`
    indirect case selection(ShellWord?, [ShellCaseItem])
    /// A function.
    indirect case function(name: String, nameRange: ByteRange, body: ShellCommandNode?)
    /// `[ … ]` or `[[ … ]]`
    indirect case test(ShellTest)
    /// `(( … ))`
    indirect case arithmetic(ShellArithmetic)
    /// `time`, with its options
    indirect case timed(keyword: ByteRange, options: [ShellWord], ShellPipeline?)
    /// `coproc`
    indirect case coprocess(name: ShellWord?, ShellCommandNode?)
  }
}

/// A simple command.
package struct ShellSimpleCommand: Sendable {
  /// A word, or an assignment that `export` and its like take as an argument.
  package enum Argument: Sendable {
    /// A word.
    case word(ShellWord)
    /// An assignment; kept apart, because it is large and rare.
    indirect case assignment(ShellAssignment)

    /// The place.
    package var range: ByteRange {
      switch self {
      case .word(let word): word.range
      case .assignment(let assignment): assignment.range
      }
    }
  }
  /// The assignments before the name.
  package var assignments: [ShellAssignment]
  /// The name and the arguments.
  package var words: [Argument]
}

/// `name=value`, `name+=value`, `name[index]=value`, `name=(…)`.
package struct ShellAssignment: Sendable {
  /// An element of an array.
  package struct Element: Sendable {
    /// What stands in brackets before the equals sign.
    package var index: [ShellWord.Part]
    /// The value; nil when it is empty.
    package var value: Value
  }
  /// What is assigned.
  package enum Value: Sendable {
    /// Nothing.
    case empty
    /// A word.
    case word(ShellWord)
    /// An array.
    case array([Element])
  }
  /// All of it.
  package var range: ByteRange
  /// The name.
  package var name: String
  /// The name's place.
  package var nameRange: ByteRange
  /// The parts of what stands in brackets behind the name.
  package var index: [ShellWord.Part]
  /// Whether it is `+=`.
  package var appends: Bool
  /// The value.
  package var value: Value
}

/// A redirection.
package struct ShellRedirection: Sendable {
  /// The operators.
  package enum Operator: String, Sendable {
    /// `<`
    case input = "<"
    /// `>`
    case output = ">"
    /// `>>`
    case append = ">>"
    /// `<>`
    case inputOutput = "<>"
    /// `>|`
    case clobber = ">|"
    /// `<&`
    case duplicateInput = "<&"
    /// `>&`
    case duplicateOutput = ">&"
    /// `<<`
    case heredoc = "<<"
    /// `<<-`
    case strippedHeredoc = "<<-"
    /// `<<<`
    case hereString = "<<<"
  }
  /// All of it.
  package var range: ByteRange
  /// What stands before the operator: digits, `{name}`, `&`, or nothing.
  package var descriptor: String
  /// The operator.
  package var kind: Operator
  /// The word behind it; the delimiter of a here-document.
  package var target: ShellWord?
  /// The index of the here-document.
  package var heredoc: Int?
}

/// A branch of `case`.
package struct ShellCaseItem: Sendable {
  /// How a branch ends.
  package enum Terminator: Sendable {
    /// `;;`, or `esac` without it
    case end
    /// `;&`
    case fallThrough
    /// `;;&`
    case next
  }
  /// All of it.
  package var range: ByteRange
  /// The patterns.
  package var patterns: [ShellWord]
  /// The commands.
  package var body: ShellList
  /// What ends it.
  package var terminator: Terminator
}

/// `[ … ]` or `[[ … ]]`.
package struct ShellTest: Sendable {
  /// A word or an operator, in the order in which they stand.
  package enum Element: Sendable {
    /// A word.
    case word(ShellWord)
    /// An operator, quotes removed: `-f`, `=`, `&&`, `!`, `(`…
    case `operator`(String, ByteRange)
  }
  /// All of it, with its brackets.
  package var range: ByteRange
  /// Whether it is `[[`.
  package var isDouble: Bool
  /// What stands in it.
  package var elements: [Element]
}
