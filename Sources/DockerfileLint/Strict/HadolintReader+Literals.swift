/// Quoted texts that follow the rules of Haskell's character literals: line ends are text, and a backslash has to begin
/// one of Haskell's escapes. Sources of COPY and ADD in brackets, quoted markers of here-documents and values of mount
/// options are read that way.
extension HadolintReader {
  /// Reads a quoted text; its characters, or nil.
  mutating func literal(_ quote: UInt32) -> [UInt32]? {
    guard take(quote) else { return nil }
    var content: [UInt32] = []
    while next != quote {
      let start = at
      guard let character = literalCharacter() else { return nil }
      content.append(character)
      record(character, from: start)
    }
    at += 1
    return content
  }

  /// Reads one character or one escape, of which no more than ten characters are looked at; nil, with nothing read, where
  /// there is none.
  mutating func literalCharacter() -> UInt32? {
    stop = at
    guard at < end else { return nil }
    let limit = min(at + 10, end)
    var index = at + 1
    var value = next
    if value == HadolintReader.backslash {
      guard let escaped = escapedCharacter(at: index, before: limit) else { return nil }
      value = escaped.value
      index = escaped.end
    }
    // The empty escape `\&` parts a number from a digit; any number of them is skipped.
    while index + 1 < limit, text.scalars[index] == HadolintReader.backslash, text.scalars[index + 1] == 0x26
    {
      index += 2
    }
    at = index
    return (0xD800...0xDFFF).contains(value) ? 0xFFFD : value
  }

  private func escapedCharacter(at index: Int, before limit: Int) -> (value: UInt32, end: Int)? {
    guard index < limit else { return nil }
    let first = text.scalars[index]
    switch first {
    case 0x61: return (0x07, index + 1)
    case 0x62: return (0x08, index + 1)
    case 0x66: return (0x0C, index + 1)
    case 0x6E: return (0x0A, index + 1)
    case 0x72: return (0x0D, index + 1)
    case 0x74: return (0x09, index + 1)
    case 0x76: return (0x0B, index + 1)
    case HadolintReader.backslash, HadolintReader.doubleQuote, HadolintReader.singleQuote:
      return (first, index + 1)
    case 0x5E:
      guard index + 1 < limit, (0x40...0x5F).contains(text.scalars[index + 1]) else { return nil }
      return (text.scalars[index + 1] - 0x40, index + 2)
    case 0x6F, 0x4F: return number(base: 8, at: index + 1, before: limit)
    case 0x78, 0x58: return number(base: 16, at: index + 1, before: limit)
    case 0x30...0x39: return number(base: 10, at: index, before: limit)
    default: return controlName(at: index, before: limit)
    }
  }

  private func number(base: UInt32, at start: Int, before limit: Int) -> (value: UInt32, end: Int)? {
    var value: UInt64 = 0
    var index = start
    while index < limit {
      let digit: UInt32
      switch text.scalars[index] {
      case let character where character >= 0x30 && character <= 0x39: digit = character - 0x30
      case let character where character >= 0x41 && character <= 0x46: digit = character - 0x37
      case let character where character >= 0x61 && character <= 0x66: digit = character - 0x57
      default: digit = base
      }
      guard digit < base else { break }
      // Nine digits at most, so this does not overflow.
      value = value * UInt64(base) + UInt64(digit)
      index += 1
    }
    guard index > start, value <= 0x10_FFFF else { return nil }
    return (UInt32(value), index)
  }

  private func controlName(at index: Int, before limit: Int) -> (value: UInt32, end: Int)? {
    for (name, value) in HadolintReader.controlNames {
      let end = index + name.count
      if end <= limit, text.scalars[index..<end].elementsEqual(name) { return (value, end) }
    }
    return nil
  }

  /// ASCII's names of the control characters; SOH before SO, its beginning.
  private static let controlNames: [(name: [UInt32], value: UInt32)] = [
    ("SOH", 1), ("SO", 14), ("NUL", 0), ("STX", 2), ("ETX", 3), ("EOT", 4), ("ENQ", 5), ("ACK", 6),
    ("BEL", 7),
    ("BS", 8), ("HT", 9), ("LF", 10), ("VT", 11), ("FF", 12), ("CR", 13), ("SI", 15), ("DLE", 16),
    ("DC1", 17),
    ("DC2", 18), ("DC3", 19), ("DC4", 20), ("NAK", 21), ("SYN", 22), ("ETB", 23), ("CAN", 24), ("EM", 25),
    ("SUB", 26), ("ESC", 27), ("FS", 28), ("GS", 29), ("RS", 30), ("US", 31), ("SP", 32), ("DEL", 127),
  ].map { (Array($0.0.unicodeScalars.map(\.value)), $0.1) }
}
