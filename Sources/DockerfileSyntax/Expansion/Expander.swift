import SourceText

/// Replaces variables in words by their values.
///
/// Values are not read again: quotes and `$` in a value stay as they are. Everything in a word is evaluated, also the
/// operand of a modifier that turns out not to be needed, as BuildKit does.
public struct Expander {
  /// The value of a variable; nil when it is not set.
  public typealias Environment = (_ name: [UInt8]) -> [UInt8]?

  private let environment: Environment
  private let options: WordTemplate.Options

  /// Makes an expander over an environment.
  public init(escape: UInt8 = 0x5C, processesQuotes: Bool = true, environment: @escaping Environment) {
    self.environment = environment
    options = WordTemplate.Options(escape: escape, processesQuotes: processesQuotes)
  }

  /// The text of a word with its variables replaced and its quotes removed.
  public func expand(_ word: [UInt8]) throws(ExpansionError) -> [UInt8] {
    guard word.contains(where: { $0 == 0x24 || $0 == options.escape || $0 == 0x22 || $0 == 0x27 }) else {
      return word
    }
    let template = WordTemplate(word, options: options)
    let text = try text(of: template.parts)
    if let error = template.error { throw error }
    return text
  }

  /// The words that a text has after its variables are replaced: split at unquoted white space, also in values.
  ///
  /// EXPOSE is read this way.
  public func words(_ text: [UInt8]) throws(ExpansionError) -> [[UInt8]] {
    let template = WordTemplate(text, options: options)
    var words: [[UInt8]] = []
    var current: [UInt8] = []
    func flush() {
      if !current.isEmpty { words.append(current) }
      current = []
    }
    for part in template.parts {
      let value: [UInt8]
      let isQuoted: Bool
      switch part {
      case .literal(let bytes, let quoted):
        value = bytes
        isQuoted = quoted
      case .variable(let reference, let quoted):
        value = try self.value(of: reference)
        isQuoted = quoted
      }
      if isQuoted {
        current += value
        continue
      }
      var pieces = piecesBetweenSpace(value)[...]
      if let first = pieces.popFirst() { current += first }
      for piece in pieces {
        flush()
        current += piece
      }
    }
    if let error = template.error { throw error }
    flush()
    return words
  }

  private func text(of parts: [WordTemplate.Part]) throws(ExpansionError) -> [UInt8] {
    var result: [UInt8] = []
    for part in parts {
      switch part {
      case .literal(let bytes, _): result += bytes
      case .variable(let reference, _): result += try value(of: reference)
      }
    }
    return result
  }

  private func value(of reference: VariableReference) throws(ExpansionError) -> [UInt8] {
    let value = environment(reference.name)
    func isMissing(_ emptyIsUnset: Bool) -> Bool { value.map { emptyIsUnset && $0.isEmpty } ?? true }
    switch reference.modifier {
    case .none: return value ?? []
    case .defaultValue(let word, let emptyIsUnset):
      let word = try text(of: word)
      return isMissing(emptyIsUnset) ? word : value ?? []
    case .alternative(let word, let emptyIsUnset):
      let word = try text(of: word)
      return isMissing(emptyIsUnset) ? [] : word
    case .required(let word, let emptyIsUnset):
      let word = try text(of: word)
      guard isMissing(emptyIsUnset) else { return value ?? [] }
      let fallback = value == nil ? "is not allowed to be unset" : "is not allowed to be empty"
      throw .required(
        name: reference.nameString, message: word.isEmpty ? fallback : String(decoding: word, as: UTF8.self))
    case .removePrefix(let word, let longest):
      let pattern = try ShellPattern(text(of: word))
      return pattern.removingPrefix(from: value ?? [], longest: longest)
    case .removeSuffix(let word, let longest):
      let pattern = try ShellPattern(text(of: word))
      return pattern.removingSuffix(from: value ?? [], longest: longest)
    case .replace(let word, let with, let all):
      let pattern = try ShellPattern(text(of: word))
      let replacement = try text(of: with)
      return pattern.replacing(in: value ?? [], with: replacement, all: all)
    }
  }
}

/// The pieces of a text between single characters of Unicode white space: n characters give n + 1 pieces.
private func piecesBetweenSpace(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
  var pieces: [ArraySlice<UInt8>] = []
  var start = 0
  var index = 0
  while index < text.count {
    let (scalar, width) = text.span.scalar(at: index, before: text.count)
    if scalar.isUnicodeSpace {
      pieces.append(text[start..<index])
      start = index + width
    }
    index += width
  }
  return pieces + [text[start...]]
}
