import SourceText

extension Parser {
  /// Reads the arguments as the exec form: a JSON array of strings.
  ///
  /// BuildKit's rule: what is valid JSON and starts with `[` is the exec form, and an element that is no string is an
  /// error; everything else is not the exec form at all.
  ///
  /// - Returns: false when the arguments are in another form; nothing has been put out then.
  mutating func parseExecForm(
    _ text: Span<UInt8>, from first: Int, bracketAt bracket: Int? = nil, to end: Int,
    into node: inout InstructionSyntax
  ) -> Bool {
    let start = bracket ?? first
    guard start < end, text[start] == 0x5B else { return false }
    var scanner = JSONScanner()
    guard scanner.isArray(text, from: start, to: end) else { return false }
    node.form = .exec
    if !scanner.allStrings { fail(.execFormNotStrings, start, end) }

    // The text is known to be valid from here on.
    line.emit(.space, from: first, to: start, into: &tokens)
    var index = start
    var depth = 0
    while index < end {
      let piece = index
      switch text[index] {
      case 0x22:
        index = JSONScanner.stringEnd(text, from: index, to: end) ?? end
        if depth == 1 { addArgument(piece, index) }
        line.emit(.string, from: piece, to: index, into: &tokens)
      case 0x5B, 0x7B, 0x5D, 0x7D, 0x2C, 0x3A:
        if text[index] | 0x20 == 0x7B { depth += 1 }
        if text[index] | 0x20 == 0x7D { depth -= 1 }
        index += 1
        line.emit(.punctuation, from: piece, to: index, into: &tokens)
      case 0x20, 0x09, 0x0A, 0x0D:
        while index < end, JSONScanner.isSpace(text[index]) { index += 1 }
        line.emit(.space, from: piece, to: index, into: &tokens)
      default:
        while index < end, !JSONScanner.isDelimiter(text[index]) { index += 1 }
        if depth == 1 { addArgument(piece, index) }
        line.emit(.word, from: piece, to: index, into: &tokens)
      }
    }
    return true
  }
}

/// Checks JSON text (RFC 8259) the way Go's `encoding/json` does, without recursion and without building anything.
struct JSONScanner {
  /// Go refuses to nest deeper.
  private static let maximumDepth = 10_000

  /// Whether all elements of the outermost array are strings.
  private(set) var allStrings = true

  /// Whether the text is one JSON array and nothing else.
  mutating func isArray(_ text: Span<UInt8>, from start: Int, to end: Int) -> Bool {
    // One entry for each open bracket: true for an object.
    var open: [Bool] = []
    var index = start
    // What may come next: a value; a value or the end; a key or the end; a key; a comma or the end.
    enum Expected { case value, valueOrEnd, keyOrEnd, key, commaOrEnd }
    var expected = Expected.value
    while true {
      while index < end, Self.isSpace(text[index]) { index += 1 }
      guard index < end else { return false }
      let byte = text[index]
      switch expected {
      case .commaOrEnd:
        let inObject = open[open.count - 1]
        if byte == 0x2C {
          expected = inObject ? .key : .value
          index += 1
          continue
        }
        guard byte == (inObject ? 0x7D : 0x5D) else { return false }
      case .key, .keyOrEnd:
        if byte == 0x22 {
          guard let next = Self.stringEnd(text, from: index, to: end) else { return false }
          index = next
          while index < end, Self.isSpace(text[index]) { index += 1 }
          guard index < end, text[index] == 0x3A else { return false }
          index += 1
          expected = .value
          continue
        }
        guard expected == .keyOrEnd, byte == 0x7D else { return false }
      case .value, .valueOrEnd:
        if byte == 0x5D, expected == .valueOrEnd { break }
        if open.count == 1, byte != 0x22 { allStrings = false }
        if byte == 0x5B || byte == 0x7B {
          guard open.count < Self.maximumDepth else { return false }
          open.append(byte == 0x7B)
          expected = byte == 0x7B ? .keyOrEnd : .valueOrEnd
          index += 1
          continue
        }
        guard let next = Self.scalarEnd(text, from: index, to: end) else { return false }
        index = next
        expected = .commaOrEnd
        continue
      }
      // A closing bracket.
      open.removeLast()
      index += 1
      if open.isEmpty {
        while index < end, Self.isSpace(text[index]) { index += 1 }
        return index == end
      }
      expected = .commaOrEnd
    }
  }

  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  static func isDelimiter(_ byte: UInt8) -> Bool {
    isSpace(byte) || byte == 0x2C || byte == 0x3A || byte == 0x22 || byte | 0x20 == 0x7B
      || byte | 0x20 == 0x7D
  }

  /// The end of the string that starts at `start`, or nil when it is none.
  static func stringEnd(_ text: Span<UInt8>, from start: Int, to end: Int) -> Int? {
    var index = start + 1
    while index < end {
      let byte = text[index]
      if byte == 0x22 { return index + 1 }
      if byte < 0x20 { return nil }
      index += 1
      guard byte == 0x5C else { continue }
      guard index < end else { return nil }
      switch text[index] {
      case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: index += 1
      case 0x75:
        guard index + 5 <= end else { return nil }
        for digit in index + 1..<index + 5 where text[digit].hexValue == nil { return nil }
        index += 5
      default: return nil
      }
    }
    return nil
  }

  /// The end of a string, number, `true`, `false` or `null`, or nil when there is none.
  private static func scalarEnd(_ text: Span<UInt8>, from start: Int, to end: Int) -> Int? {
    switch text[start] {
    case 0x22: return stringEnd(text, from: start, to: end)
    case 0x74: return wordEnd(text, from: start, to: end, "true")
    case 0x66: return wordEnd(text, from: start, to: end, "false")
    case 0x6E: return wordEnd(text, from: start, to: end, "null")
    default: return numberEnd(text, from: start, to: end)
    }
  }

  private static func wordEnd(_ text: Span<UInt8>, from start: Int, to end: Int, _ word: StaticString) -> Int?
  {
    let length = word.utf8CodeUnitCount
    guard start + length <= end else { return nil }
    for index in 0..<length where unsafe text[start + index] != word.utf8Start[index] { return nil }
    return start + length
  }

  private static func numberEnd(_ text: Span<UInt8>, from start: Int, to end: Int) -> Int? {
    var index = start
    func digits() -> Bool {
      let first = index
      while index < end, text[index].isASCIIDigit { index += 1 }
      return index > first
    }
    if text[index] == 0x2D { index += 1 }
    guard index < end else { return nil }
    if text[index] == 0x30 {
      index += 1
    } else if !digits() {
      return nil
    }
    if index < end, text[index] == 0x2E {
      index += 1
      guard digits() else { return nil }
    }
    if index < end, text[index] | 0x20 == 0x65 {
      index += 1
      if index < end, text[index] == 0x2B || text[index] == 0x2D { index += 1 }
      guard digits() else { return nil }
      // Go reads numbers as 64-bit floats; one too large for that makes the text no JSON for it.
      guard index - start < 64, let value = Double(text.text(from: start, to: index)), value.isFinite else {
        return nil
      }
    }
    return index
  }
}

extension Span<UInt8> {
  func text(from start: Int, to end: Int) -> String {
    unsafe extracting(start..<end).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}

extension UInt8 {
  /// The value of a hexadecimal digit.
  var hexValue: UInt32? {
    switch self {
    case 0x30...0x39: UInt32(self - 0x30)
    case 0x41...0x46: UInt32(self - 0x41 + 10)
    case 0x61...0x66: UInt32(self - 0x61 + 10)
    default: nil
    }
  }
}
