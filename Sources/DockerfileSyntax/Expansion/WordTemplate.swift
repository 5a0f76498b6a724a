import SourceText

/// A word of a Dockerfile as a structure: literal text and variable references.
///
/// The grammar is that of BuildKit's `shell.Lex` (August 2026): single and double quotes, the escape character, `$name`,
/// `${name}` and the modifiers `:-  -  :+  +  :?  ?  #  ##  %  %%  /  //`, nested to any sensible depth.
public struct WordTemplate: Hashable, Sendable {
  /// A piece of a word.
  public enum Part: Hashable, Sendable {
    /// Text, its quotes and escapes removed. Unquoted white space separates words where a word is split.
    case literal([UInt8], isQuoted: Bool)
    /// A variable.
    case variable(VariableReference, isQuoted: Bool)
  }
  /// The pieces, in order. After an error they end where the error is.
  public let parts: [Part]
  /// What is wrong with the word, if anything.
  public let error: ExpansionError?

  /// The names of all variables in the word, those in modifiers too, in the order they stand.
  public var variables: [VariableReference] { parts.flatMap(\.variables) }
}

extension WordTemplate.Part {
  fileprivate var variables: [VariableReference] {
    guard case .variable(let reference, _) = self else { return [] }
    return [reference] + reference.operands.flatMap { $0.flatMap(\.variables) }
  }
}

/// A reference to a variable.
public struct VariableReference: Hashable, Sendable {
  /// What is done with the value.
  public indirect enum Modifier: Hashable, Sendable {
    /// `$name` or `${name}`
    case none
    /// `${name-word}`, and `${name:-word}` when an empty value counts as none.
    case defaultValue([WordTemplate.Part], emptyIsUnset: Bool)
    /// `${name+word}` and `${name:+word}`
    case alternative([WordTemplate.Part], emptyIsUnset: Bool)
    /// `${name?word}` and `${name:?word}`
    case required([WordTemplate.Part], emptyIsUnset: Bool)
    /// `${name#pattern}`, and `##` for the longest match.
    case removePrefix([WordTemplate.Part], longest: Bool)
    /// `${name%pattern}`, and `%%` for the longest match.
    case removeSuffix([WordTemplate.Part], longest: Bool)
    /// `${name/pattern/replacement}`, and `//` for all matches.
    case replace([WordTemplate.Part], with: [WordTemplate.Part], all: Bool)
  }
  /// The name; a digit sequence or a special parameter such as `?` counts as one.
  public let name: [UInt8]
  /// Where the reference stands in the word's bytes, from `$` to its end.
  public let indices: Range<Int>
  /// The modifier.
  public let modifier: Modifier

  /// The name as a string.
  public var nameString: String { String(decoding: name, as: UTF8.self) }

  /// The words inside the modifier.
  public var operands: [[WordTemplate.Part]] {
    switch modifier {
    case .none: []
    case .defaultValue(let word, _), .alternative(let word, _), .required(let word, _): [word]
    case .removePrefix(let pattern, _), .removeSuffix(let pattern, _): [pattern]
    case .replace(let pattern, let replacement, _): [pattern, replacement]
    }
  }
}

/// What is wrong with a word that has variables.
public enum ExpansionError: Error, Hashable, Sendable {
  /// A quote has no end.
  case unterminatedQuote
  /// A `${` has no `}`.
  case missingBrace
  /// `${}` or `${:…}`: there is no name.
  case badSubstitution
  /// There is no such modifier.
  case unsupportedModifier(String)
  /// `${name/pattern` without the second slash.
  case missingSlash
  /// Nested too deep.
  case nestedTooDeep
  /// The backslash before a character that must not be escaped in a pattern.
  case invalidPatternEscape(String)
  /// `${name?message}`: the variable is not set, or empty.
  case required(name: String, message: String)
}

extension WordTemplate {
  /// How a word is read.
  public struct Options: Hashable, Sendable {
    /// The escape character.
    public var escape: UInt8 = 0x5C
    /// Whether quotes mean something; not in here-documents.
    public var processesQuotes = true

    /// Makes the options for arguments.
    public init(escape: UInt8 = 0x5C, processesQuotes: Bool = true) {
      self.escape = escape
      self.processesQuotes = processesQuotes
    }
  }

  /// Reads a word.
  public init(_ bytes: [UInt8], options: Options = Options()) {
    var parser = TemplateParser(options: options, end: bytes.count)
    var builder = TemplateParser.Builder()
    do throws(ExpansionError) {
      try parser.parts(bytes.span, into: &builder, until: nil, keepsEscapes: false, depth: 0)
      error = nil
    } catch let failure {
      error = failure
    }
    builder.flush()
    parts = builder.parts
  }
}

private struct TemplateParser {
  let options: WordTemplate.Options
  let end: Int
  var index = 0

  private static let maximumDepth = 128

  /// Collects neighbouring literals of the same quoting.
  struct Builder {
    var parts: [WordTemplate.Part] = []
    private var literal: [UInt8] = []
    private var isQuoted = false

    mutating func add(_ byte: UInt8, quoted: Bool) {
      if quoted != isQuoted { flush() }
      isQuoted = quoted
      literal.append(byte)
    }

    mutating func add(_ reference: VariableReference, quoted: Bool) {
      flush()
      parts.append(.variable(reference, isQuoted: quoted))
    }

    /// An empty pair of quotes is a word too.
    mutating func addEmptyQuoted() {
      flush()
      parts.append(.literal([], isQuoted: true))
    }

    mutating func flush() {
      guard !literal.isEmpty else { return }
      parts.append(.literal(literal, isQuoted: isQuoted))
      literal = []
    }
  }

  mutating func parts(
    _ text: Span<UInt8>, until stop: UInt8?, keepsEscapes: Bool, depth: Int
  ) throws(ExpansionError) -> [WordTemplate.Part] {
    var builder = Builder()
    try parts(text, into: &builder, until: stop, keepsEscapes: keepsEscapes, depth: depth)
    builder.flush()
    return builder.parts
  }

  /// Adds the pieces up to the stop, or to the end without one; before an error, those before it.
  mutating func parts(
    _ text: Span<UInt8>, into builder: inout Builder, until stop: UInt8?, keepsEscapes: Bool, depth: Int
  ) throws(ExpansionError) {
    guard depth <= Self.maximumDepth else { throw .nestedTooDeep }
    while index < end {
      let byte = text[index]
      if byte == stop {
        index += 1
        return
      }
      switch byte {
      case 0x24:
        try dollar(text, into: &builder, quoted: false, keepsEscapes: keepsEscapes, depth: depth)
      case 0x27 where options.processesQuotes:
        try singleQuoted(text, into: &builder)
      case 0x22 where options.processesQuotes:
        try doubleQuoted(text, into: &builder, keepsEscapes: keepsEscapes, depth: depth)
      case options.escape:
        index += 1
        if keepsEscapes { builder.add(byte, quoted: true) }
        guard index < end else { break }
        let width = text.scalar(at: index, before: end).width
        for position in index..<index + width { builder.add(text[position], quoted: true) }
        index += width
      default:
        builder.add(byte, quoted: false)
        index += 1
      }
    }
    guard stop == nil else { throw stop == 0x2F ? .missingSlash : .missingBrace }
  }

  private mutating func singleQuoted(_ text: Span<UInt8>, into builder: inout Builder) throws(ExpansionError)
  {
    guard let close = text.firstIndex(of: 0x27, from: index + 1, to: end) else { throw .unterminatedQuote }
    if close == index + 1 { builder.addEmptyQuoted() }
    for position in index + 1..<close { builder.add(text[position], quoted: true) }
    index = close + 1
  }

  private mutating func doubleQuoted(
    _ text: Span<UInt8>, into builder: inout Builder, keepsEscapes: Bool, depth: Int
  ) throws(ExpansionError) {
    index += 1
    let start = index
    while index < end {
      let byte = text[index]
      switch byte {
      case 0x22:
        if index == start { builder.addEmptyQuoted() }
        index += 1
        return
      case 0x24:
        try dollar(text, into: &builder, quoted: true, keepsEscapes: keepsEscapes, depth: depth)
      case options.escape:
        index += 1
        if keepsEscapes { builder.add(byte, quoted: true) }
        guard index < end else { break }
        let next = text[index]
        if next == 0x22 || next == 0x24 || next == options.escape {
          builder.add(next, quoted: true)
          index += 1
        } else {
          builder.add(byte, quoted: true)
        }
      default:
        builder.add(byte, quoted: true)
        index += 1
      }
    }
    throw .unterminatedQuote
  }

  private mutating func dollar(
    _ text: Span<UInt8>, into builder: inout Builder, quoted: Bool, keepsEscapes: Bool, depth: Int
  ) throws(ExpansionError) {
    let start = index
    index += 1
    guard index < end, text[index] == 0x7B else {
      let name = name(text)
      if name.isEmpty {
        builder.add(0x24, quoted: quoted)
      } else {
        builder.add(VariableReference(name: name, indices: start..<index, modifier: .none), quoted: quoted)
      }
      return
    }
    index += 1
    guard index < end else { throw .missingBrace }
    if text[index] == 0x7B || text[index] == 0x7D || text[index] == 0x3A { throw .badSubstitution }
    let name = name(text)
    let modifier = try modifier(text, depth: depth)
    builder.add(VariableReference(name: name, indices: start..<index, modifier: modifier), quoted: quoted)
  }

  private mutating func modifier(
    _ text: Span<UInt8>, depth: Int
  ) throws(ExpansionError) -> VariableReference.Modifier {
    guard index < end else { throw .missingBrace }
    let first = text[index]
    index += 1
    switch first {
    case 0x7D: return .none
    case 0x3A:
      guard index < end else { throw .missingBrace }
      let kind = text[index]
      guard kind == 0x2B || kind == 0x2D || kind == 0x3F else {
        throw .unsupportedModifier(":" + shown(text, at: index))
      }
      index += 1
      return try wordModifier(text, kind, emptyIsUnset: true, depth: depth)
    case 0x2B, 0x2D, 0x3F:
      return try wordModifier(text, first, emptyIsUnset: false, depth: depth)
    case 0x23, 0x25:
      let longest = index < end && text[index] == first
      if longest { index += 1 }
      let pattern = try parts(text, until: 0x7D, keepsEscapes: true, depth: depth + 1)
      return first == 0x23
        ? .removePrefix(pattern, longest: longest) : .removeSuffix(pattern, longest: longest)
    case 0x2F:
      let all = index < end && text[index] == 0x2F
      if all { index += 1 }
      let pattern = try parts(text, until: 0x2F, keepsEscapes: true, depth: depth + 1)
      let replacement = try parts(text, until: 0x7D, keepsEscapes: true, depth: depth + 1)
      return .replace(pattern, with: replacement, all: all)
    default:
      throw .unsupportedModifier(shown(text, at: index - 1))
    }
  }

  private mutating func wordModifier(
    _ text: Span<UInt8>, _ kind: UInt8, emptyIsUnset: Bool, depth: Int
  ) throws(ExpansionError) -> VariableReference.Modifier {
    let word = try parts(text, until: 0x7D, keepsEscapes: false, depth: depth + 1)
    switch kind {
    case 0x2B: return .alternative(word, emptyIsUnset: emptyIsUnset)
    case 0x2D: return .defaultValue(word, emptyIsUnset: emptyIsUnset)
    default: return .required(word, emptyIsUnset: emptyIsUnset)
    }
  }

  private func shown(_ text: Span<UInt8>, at position: Int) -> String {
    let width = text.scalar(at: position, before: end).width
    return text.text(from: position, to: position + width)
  }

  private mutating func name(_ text: Span<UInt8>) -> [UInt8] {
    let start = index
    if index < end, UInt32(text[index]).isSpecialParameter {
      index += 1
      return [text[start]]
    }
    let onlyDigits = index < end && text.scalar(at: index, before: end).value.isUnicodeDigit
    while index < end {
      let (value, width) = text.scalar(at: index, before: end)
      guard value.isUnicodeDigit || (!onlyDigits && (value.isUnicodeLetter || value == 0x5F)) else { break }
      index += width
    }
    return (start..<index).map { text[$0] }
  }
}
