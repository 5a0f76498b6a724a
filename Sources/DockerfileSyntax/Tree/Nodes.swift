public import SourceText

/// A range of indices into one of the tree's arrays.
@frozen
public struct IndexRange: Hashable, Sendable {
  var lower: UInt32
  var upper: UInt32

  init(_ lower: Int, _ upper: Int) {
    self.lower = UInt32(truncatingIfNeeded: lower)
    self.upper = UInt32(truncatingIfNeeded: upper)
  }

  /// How many there are.
  public var count: Int { Int(upper - lower) }
  /// The indices.
  public var indices: Range<Int> { Int(lower)..<Int(upper) }
}

/// How the arguments of an instruction are written.
public enum ArgumentForm: UInt8, Sendable {
  /// There are none.
  case none
  /// Words between white space.
  case words
  /// The exec form: a JSON array of strings.
  case exec
  /// One text to the end of the instruction: a shell command, or the only argument of USER and its like.
  case text
  /// `name=value` words; ARG's may lack the value.
  case assignments
  /// `name value…`: the legacy form of ENV and LABEL; two arguments, or one when the value is missing.
  case legacyAssignment
  /// Another instruction: ONBUILD's.
  case instruction

  /// The name in dumps.
  public var name: String {
    switch self {
    case .none: "none"
    case .words: "words"
    case .exec: "exec"
    case .text: "text"
    case .assignments: "assignments"
    case .legacyAssignment: "legacy-assignment"
    case .instruction: "instruction"
    }
  }
}

/// An instruction as written.
public struct InstructionSyntax: Sendable {
  /// Which instruction the keyword names.
  public internal(set) var kind: InstructionKind = .unknown
  /// How the arguments are written. For HEALTHCHECK it tells of what follows the type word, which is the first argument.
  public internal(set) var form: ArgumentForm = .none
  /// Whether keyword to last argument are one stretch of the file, without continuations.
  public internal(set) var isContiguous = true
  /// The keyword.
  public internal(set) var keyword = ByteRange(0, 0)
  /// From the keyword to the last argument.
  public internal(set) var line = ByteRange(0, 0)
  /// From the keyword to the last argument or here-document.
  public internal(set) var range = ByteRange(0, 0)
  /// The tokens, from the keyword to the line end behind the instruction.
  public internal(set) var tokens = IndexRange(0, 0)
  /// The comments right above the instruction (each on its line, with no blank line between): their tokens.
  public internal(set) var leadingComments = IndexRange(0, 0)
  var arguments = IndexRange(0, 0)
  var flags = IndexRange(0, 0)
  var heredocs = IndexRange(0, 0)
  /// The index of the inner instruction in ``SyntaxTree/triggers``, or -1.
  public internal(set) var trigger: Int32 = -1
}

/// An argument as written.
@frozen
public struct ArgumentSyntax: Hashable, Sendable {
  /// The bytes; with continuations in between when ``isContiguous`` is false.
  public var range: ByteRange
  /// Whether no continuation lies inside.
  public var isContiguous: Bool
}

/// A flag as written: `--name` or `--name=value`.
@frozen
public struct FlagSyntax: Hashable, Sendable {
  /// The bytes.
  public var range: ByteRange
  /// Whether no continuation lies inside.
  public var isContiguous: Bool
}

/// A parser directive: `# name=value` at the very top of the file.
public struct DirectiveSyntax: Hashable, Sendable {
  /// The directives that exist.
  public enum Kind: UInt8, Sendable {
    /// `syntax`: the image of the frontend.
    case syntax
    /// `escape`: the escape character.
    case escape
    /// `check`: which build checks to skip, and whether they are errors.
    case check

    /// The name as it is written.
    public var name: String {
      switch self {
      case .syntax: "syntax"
      case .escape: "escape"
      case .check: "check"
      }
    }
  }
  /// Which.
  public let kind: Kind
  /// From `#` to the value's end.
  public let range: ByteRange
  /// The value.
  public let value: ByteRange
}

/// A here-document of an instruction.
public struct HeredocSyntax: Hashable, Sendable {
  /// The operator and the word behind it, as in `<<-"EOF"`.
  public let range: ByteRange
  /// The delimiter, quotes and escapes removed. It is the file's name in COPY and ADD.
  public let name: [UInt8]
  /// The file descriptor before the operator; 0 when there is none.
  public let fileDescriptor: UInt32
  /// Whether leading tabs are stripped (`<<-`).
  public let stripsTabs: Bool
  /// Whether variables are expanded in COPY and ADD: no part of the word is quoted.
  public let expands: Bool
  /// The lines between.
  public let body: ByteRange
  /// The line that ends it, without line end; empty when the file ended first.
  public let terminator: ByteRange
  /// Whether there is a line that ends it.
  public let isTerminated: Bool
}

/// Something that the grammar refuses.
public struct SyntaxError: Hashable, Sendable {
  /// What it is.
  public enum Kind: Hashable, Sendable {
    /// The file has no instruction.
    case noInstructions
    /// A parser directive is given twice.
    case duplicateDirective(DirectiveSyntax.Kind)
    /// `escape` is neither backslash nor backtick.
    case invalidEscape
    /// ENV or LABEL with a name and no value.
    case missingValue
    /// A word of ENV or LABEL has no `=`, and an earlier one has.
    case missingEquals
    /// An array of the exec form has an element that is no string.
    case execFormNotStrings
    /// No line ends a here-document.
    case unterminatedHeredoc
    /// The word behind `<<` cannot be read.
    case invalidHeredocWord
    /// ONBUILD inside ONBUILD, too deep to go on.
    case nestedTooDeep
  }
  /// What.
  public let kind: Kind
  /// Where.
  public let range: ByteRange
  /// The index of the instruction, or -1 when the error belongs to none.
  public let instruction: Int32
}
