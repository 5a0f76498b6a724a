public import SourceText

/// An argument: its text as the grammar reads it, and where it stands.
///
/// The text has no continuations in it. Arguments of the exec form are decoded JSON strings; all others keep their
/// quotes, escapes and variables, see ``WordTemplate``.
public struct Word: Hashable, Sendable {
  /// The text.
  public let bytes: [UInt8]
  /// The place in the file; with the quotes for a string of the exec form.
  public let range: ByteRange
  /// Whether byte `n` of the text is byte `n` of the range.
  public let isVerbatim: Bool

  /// Makes a word.
  public init(_ bytes: [UInt8], at range: ByteRange, isVerbatim: Bool) {
    self.bytes = bytes
    self.range = range
    self.isVerbatim = isVerbatim
  }

  /// The text as a string, with U+FFFD for what is not UTF-8.
  public var string: String { String(decoding: bytes, as: UTF8.self) }

  /// Whether there is a `$` in the word.
  public var hasVariable: Bool { bytes.contains(0x24) }

  /// A part of the word; its place is the whole word's when bytes and range do not run side by side.
  public func part(_ indices: Range<Int>) -> Word {
    let bytes = Array(self.bytes[indices])
    guard isVerbatim else { return Word(bytes, at: range, isVerbatim: false) }
    let lower = Int(range.lower) + indices.lowerBound
    return Word(bytes, at: ByteRange(lower, lower + indices.count), isVerbatim: true)
  }
}

extension SyntaxTree {
  /// An argument as a word; decoded when it is a string of the exec form.
  package func word(_ argument: ArgumentSyntax, isExec: Bool = false) -> Word {
    let text = cooked(argument)
    guard isExec, text.count >= 2, text[0] == 0x22 else {
      return Word(text, at: argument.range, isVerbatim: argument.isContiguous)
    }
    return Word(decodedJSONString(text), at: argument.range, isVerbatim: false)
  }
}
