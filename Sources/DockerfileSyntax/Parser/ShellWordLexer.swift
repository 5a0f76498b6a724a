import SourceText

/// Splits a line into shell words, as BuildKit's `shell.Lex.ProcessWords` does with an empty environment in which unset
/// variables stay as they are.
///
/// Only here-document words are found with it, so its oddities matter as much as its rules: a modifier inside `${…}`
/// forgets what the word had before it, and any error on the line means that there are no words at all.
struct ShellWordLexer {
  struct Word {
    var bytes: [UInt8]
    /// Where the word starts and ends in the text.
    var start: Int
    var end: Int
  }

  let rawQuotes: Bool
  let rawEscapes: Bool
  let escape: UInt8

  private var buffer: [UInt8] = []
  private var inWord = false
  private var wordStart = 0
  private var words: [Word] = []
  private var index = 0
  private var end = 0

  init(rawQuotes: Bool, rawEscapes: Bool, escape: UInt8) {
    self.rawQuotes = rawQuotes
    self.rawEscapes = rawEscapes
    self.escape = escape
  }

  /// Deeper `${a:-${b:-…}}` is an error.
  private static let maximumDepth = 64

  private struct Failure: Error {}

  /// The words of `start..<end`, or nil when a quote or a substitution is malformed.
  mutating func words(_ text: Span<UInt8>, from start: Int, to end: Int) -> [Word]? {
    (buffer, inWord, words, index, self.end) = ([], false, [], start, end)
    if index + 3 <= end, text[index] == 0xEF, text[index + 1] == 0xBB, text[index + 2] == 0xBF { index += 3 }
    wordStart = index
    do throws(Failure) {
      _ = try process(text, stopOn: nil, rawEscapes: rawEscapes, depth: 0)
    } catch {
      return nil
    }
    return words
  }

  private mutating func flush() {
    guard !buffer.isEmpty else { return }
    words.append(Word(bytes: buffer, start: wordStart, end: index))
    buffer.removeAll(keepingCapacity: true)
    inWord = false
  }

  private mutating func begin(at offset: Int) {
    if buffer.isEmpty { wordStart = offset }
    inWord = true
  }

  /// Adds a scalar; white space outside quotes ends the word.
  private mutating func add(_ value: UInt32, at offset: Int) {
    if value.isUnicodeSpace {
      guard inWord, !buffer.isEmpty else { return }
      words.append(Word(bytes: buffer, start: wordStart, end: offset))
      buffer.removeAll(keepingCapacity: true)
      inWord = false
    } else {
      begin(at: offset)
      appendUTF8(value, to: &buffer)
    }
  }

  private func peek(_ text: Span<UInt8>) -> UInt32? {
    index < end ? text.scalar(at: index, before: end).value : nil
  }

  private mutating func next(_ text: Span<UInt8>) -> UInt32? {
    guard index < end else { return nil }
    let (value, width) = text.scalar(at: index, before: end)
    index += width
    return value
  }

  private mutating func process(
    _ text: Span<UInt8>, stopOn stop: UInt32?, rawEscapes: Bool, depth: Int
  ) throws(Failure) -> [UInt8] {
    guard depth <= Self.maximumDepth else { throw Failure() }
    var result: [UInt8] = []
    // The words of an inner text go nowhere, and the buffer is shared: what the outer word had so far is lost.
    let outer = (words, inWord)
    buffer.removeAll(keepingCapacity: true)
    if depth > 0 { (words, inWord) = ([], false) }
    defer {
      if depth > 0 {
        buffer.removeAll(keepingCapacity: true)
        (words, inWord) = outer
      }
    }
    while let value = peek(text) {
      let start = index
      if value == stop {
        index += 1
        return result
      }
      switch value {
      case 0x24:
        let piece = try dollar(text, rawEscapes: rawEscapes, depth: depth)
        result += piece
        var offset = 0
        while offset < piece.count {
          let (value, width) = piece.span.scalar(at: offset, before: piece.count)
          add(value, at: start)
          offset += width
        }
      case 0x3C:
        let piece = possibleHeredoc(text)
        result += piece
        begin(at: start)
        buffer += piece
      case 0x27, 0x22:
        let piece =
          try value == 0x27 ? singleQuoted(text) : doubleQuoted(text, rawEscapes: rawEscapes, depth: depth)
        result += piece
        begin(at: start)
        buffer += piece
      case UInt32(escape):
        index += 1
        if rawEscapes {
          begin(at: start)
          buffer.append(escape)
          result.append(escape)
        }
        guard let escaped = next(text) else { break }
        begin(at: start)
        appendUTF8(escaped, to: &buffer)
        appendUTF8(escaped, to: &result)
      default:
        _ = next(text)
        add(value, at: start)
        appendUTF8(value, to: &result)
      }
    }
    guard stop == nil else { throw Failure() }
    flush()
    return result
  }

  private mutating func singleQuoted(_ text: Span<UInt8>) throws(Failure) -> [UInt8] {
    var result: [UInt8] = []
    index += 1
    if rawQuotes { result.append(0x27) }
    while let value = next(text) {
      if value == 0x27 {
        if rawQuotes { result.append(0x27) }
        return result
      }
      appendUTF8(value, to: &result)
    }
    throw Failure()
  }

  private mutating func doubleQuoted(_ text: Span<UInt8>, rawEscapes: Bool, depth: Int) throws(Failure)
    -> [UInt8]
  {
    var result: [UInt8] = []
    index += 1
    if rawQuotes { result.append(0x22) }
    while let value = peek(text) {
      if value == 0x22 {
        index += 1
        if rawQuotes { result.append(0x22) }
        return result
      }
      if value == 0x24 {
        result += try dollar(text, rawEscapes: rawEscapes, depth: depth)
        continue
      }
      _ = next(text)
      guard value == UInt32(escape) else {
        appendUTF8(value, to: &result)
        continue
      }
      if rawEscapes { result.append(escape) }
      guard let following = peek(text) else { continue }
      if following == 0x22 || following == 0x24 || following == UInt32(escape) {
        _ = next(text)
        appendUTF8(following, to: &result)
      } else {
        result.append(escape)
      }
    }
    throw Failure()
  }

  private mutating func possibleHeredoc(_ text: Span<UInt8>) -> [UInt8] {
    index += 1
    guard peek(text) == 0x3C else { return [0x3C] }
    index += 1
    var result: [UInt8] = [0x3C, 0x3C]
    while let value = peek(text), value == 0x20 || value == 0x09 || value == 0x0D {
      result.append(UInt8(truncatingIfNeeded: value))
      index += 1
    }
    return result
  }

  /// A variable, given back as it was written.
  private mutating func dollar(_ text: Span<UInt8>, rawEscapes: Bool, depth: Int) throws(Failure) -> [UInt8] {
    index += 1
    guard peek(text) == 0x7B else { return [0x24] + name(text) }
    index += 1
    switch peek(text) {
    case nil, 0x7B, 0x7D, 0x3A: throw Failure()
    default: break
    }
    var result: [UInt8] = [0x24, 0x7B] + name(text)
    guard let modifier = next(text) else { throw Failure() }
    switch modifier {
    case 0x7D:
      return result + [0x7D]
    case 0x3A:
      guard let kind = next(text) else { throw Failure() }
      if kind == 0x23 || kind == 0x25 { throw Failure() }
      result.append(0x3A)
      appendUTF8(kind, to: &result)
      result += try process(text, stopOn: 0x7D, rawEscapes: false, depth: depth + 1)
    case 0x2B, 0x2D, 0x3F, 0x23, 0x25:
      appendUTF8(modifier, to: &result)
      let raw = modifier == 0x23 || modifier == 0x25
      result += try process(text, stopOn: 0x7D, rawEscapes: raw, depth: depth + 1)
    case 0x2F:
      result.append(0x2F)
      // `${name//a/b}` loses its second slash on the way back.
      if peek(text) == 0x2F { index += 1 }
      result += try process(text, stopOn: 0x2F, rawEscapes: true, depth: depth + 1)
      result.append(0x2F)
      result += try process(text, stopOn: 0x7D, rawEscapes: true, depth: depth + 1)
    default:
      throw Failure()
    }
    return result + [0x7D]
  }

  private mutating func name(_ text: Span<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    while let value = peek(text) {
      if result.isEmpty, value.isUnicodeDigit {
        while let digit = peek(text), digit.isUnicodeDigit {
          _ = next(text)
          appendUTF8(digit, to: &result)
        }
        return result
      }
      if result.isEmpty, value.isSpecialParameter {
        index += 1
        return [UInt8(truncatingIfNeeded: value)]
      }
      guard value.isUnicodeLetter || value.isUnicodeDigit || value == 0x5F else { break }
      _ = next(text)
      appendUTF8(value, to: &result)
    }
    return result
  }
}

extension UInt32 {
  /// Whether the scalar is a letter (general category L), as Go's `unicode.IsLetter`.
  var isUnicodeLetter: Bool {
    if self < 0x80 { return UInt8(truncatingIfNeeded: self).isASCIILetter }
    guard let scalar = Unicode.Scalar(self) else { return false }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
    default: return false
    }
  }

  /// Whether the scalar is a decimal digit (general category Nd).
  var isUnicodeDigit: Bool {
    if self < 0x80 { return UInt8(truncatingIfNeeded: self).isASCIIDigit }
    return Unicode.Scalar(self)?.properties.generalCategory == .decimalNumber
  }

  /// Whether the character is one of the shell's special parameters `@ * # ? - $ ! 0`.
  var isSpecialParameter: Bool {
    switch self {
    case 0x40, 0x2A, 0x23, 0x3F, 0x2D, 0x24, 0x21, 0x30: true
    default: false
    }
  }
}
