import SourceText

/// Why a tree has no S-expression: BuildKit's parser refuses the file.
public enum SExpressionError: Error, Sendable {
  /// The grammar refuses something.
  case refused(SyntaxError)
  /// A line is longer than the 65,535 bytes that BuildKit's scanner takes; the offset is that of the line.
  case lineTooLong(UInt32)
}

extension SyntaxTree {
  /// The tree as BuildKit's parser dumper prints it (`frontend/dockerfile/parser/dumper`), byte for byte, with the
  /// newline at the end.
  public func sExpression() throws(SExpressionError) -> [UInt8] {
    if let error = errors.first { throw .refused(error) }
    if let offset = firstLineTooLong() { throw .lineTooLong(offset) }
    var output: [UInt8] = []
    output.reserveCapacity(source.bytes.count + source.bytes.count / 4)
    for node in instructions {
      output.append(0x28)
      dump(node, into: &output)
      output.append(contentsOf: [0x29, 0x0A])
    }
    return output
  }

  /// Go's `bufio.Scanner` takes 64 KiB with the line end.
  private func firstLineTooLong() -> UInt32? {
    let limit = 65_536
    guard source.bytes.count >= limit else { return nil }
    let span = source.bytes.span
    var offset = 0
    while offset < span.count {
      guard let newline = span.firstIndex(of: 0x0A, from: offset, to: span.count) else {
        return span.count - offset >= limit ? UInt32(truncatingIfNeeded: offset) : nil
      }
      if newline + 1 - offset > limit { return UInt32(truncatingIfNeeded: offset) }
      offset = newline + 1
    }
    return nil
  }

  private func dump(_ node: InstructionSyntax, into output: inout [UInt8]) {
    let start = output.count
    output.appendLowercased(cooked(node.keyword))
    let flags = self.flags(of: node)
    if !flags.isEmpty {
      output.append(contentsOf: [0x20, 0x5B])
      for (index, flag) in flags.enumerated() {
        if index > 0 { output.append(0x20) }
        output.appendQuoted(latin1Flag(flag))
      }
      output.append(0x5D)
    }
    if let inner = trigger(of: node) {
      output.append(contentsOf: [0x20, 0x28])
      dump(inner, into: &output)
      output.append(0x29)
    } else {
      dumpArguments(of: node, into: &output)
    }
    // An empty keyword leaves a blank at the front, which the dumper trims.
    if start < output.count, output[start] == 0x20 { output.remove(at: start) }
  }

  private func dumpArguments(of node: InstructionSyntax, into output: inout [UInt8]) {
    func put(_ value: some Sequence<UInt8>) {
      output.append(0x20)
      output.appendQuoted(Array(value))
    }
    if node.kind == .unknown {
      // Every unknown instruction has one empty argument, unless there is nothing behind the keyword… which counts too.
      put([])
      return
    }
    for (index, argument) in arguments(of: node).enumerated() {
      let text = cooked(argument)
      switch node.form {
      case .assignments where node.kind == .arg:
        put(text.wellFormed)
      case .assignments:
        let word = text.wellFormed
        let equals = word.firstIndex(of: 0x3D) ?? word.endIndex
        put(word[..<equals])
        put(word[min(equals + 1, word.endIndex)...])
        put([0x3D])
      case .legacyAssignment:
        put(text)
        if index == 1 { put([]) }
      case .exec where node.kind != .healthcheck || index > 0:
        put(decodedJSONString(text))
      default:
        put(text)
      }
    }
  }

  /// A flag without quotes and escapes, its bytes taken for characters of Latin-1, as BuildKit does.
  private func latin1Flag(_ flag: FlagSyntax) -> [UInt8] {
    var result: [UInt8] = []
    for byte in cookedFlag(flag) { appendUTF8(UInt32(byte), to: &result) }
    return result
  }

  /// A flag without its quotes and escapes.
  func cookedFlag(_ flag: FlagSyntax) -> [UInt8] {
    let text = flag.isContiguous ? Array(source.bytes(in: flag.range)) : cooked(flag.range)
    var word = FlagWord(collecting: true)
    for (index, byte) in text.enumerated() {
      guard word.takes(byte, isLast: index + 1 == text.count, escape: escape) else { break }
    }
    return word.cooked ?? []
  }
}

/// The value of a JSON string, given with its quotes: escapes resolved, what is no UTF-8 and no scalar as U+FFFD.
///
/// The text must be a valid JSON string, as the parser has made sure for the arguments of the exec form.
func decodedJSONString(_ text: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  result.reserveCapacity(text.count)
  let span = text.span
  var index = 1
  let end = text.count - 1
  func unit(at position: Int) -> UInt32? {
    guard position + 6 <= end, span[position] == 0x5C, span[position + 1] == 0x75 else { return nil }
    return (position + 2..<position + 6).reduce(0) { $0 << 4 | (span[$1].hexValue ?? 0) }
  }
  while index < end {
    let byte = span[index]
    guard byte == 0x5C else {
      let (value, width) = span.scalar(at: index, before: end)
      appendUTF8(value, to: &result)
      index += width
      continue
    }
    switch span[index + 1] {
    case 0x62: result.append(0x08)
    case 0x66: result.append(0x0C)
    case 0x6E: result.append(0x0A)
    case 0x72: result.append(0x0D)
    case 0x74: result.append(0x09)
    case 0x75:
      let high = unit(at: index) ?? 0xFFFD
      if (0xD800..<0xDC00).contains(high), let low = unit(at: index + 6), (0xDC00..<0xE000).contains(low) {
        appendUTF8(0x1_0000 + (high - 0xD800) << 10 + (low - 0xDC00), to: &result)
        index += 12
      } else {
        appendUTF8(high, to: &result)
        index += 6
      }
      continue
    default: result.append(span[index + 1])
    }
    index += 2
  }
  return result
}

extension [UInt8] {
  /// The bytes with each one that is no UTF-8 replaced by U+FFFD.
  fileprivate var wellFormed: [UInt8] {
    guard contains(where: { $0 >= 0x80 }) else { return self }
    var result: [UInt8] = []
    var index = 0
    while index < count {
      let (value, width) = span.scalar(at: index, before: count)
      appendUTF8(value, to: &result)
      index += width
    }
    return result
  }

  /// Appends a keyword in small letters: scalar by scalar, as Go's `strings.ToLower`.
  fileprivate mutating func appendLowercased(_ text: [UInt8]) {
    var index = 0
    while index < text.count {
      let (value, width) = text.span.scalar(at: index, before: text.count)
      index += width
      if value < 0x80 {
        append(UInt8(truncatingIfNeeded: value).asciiLowercased)
      } else if value == 0x0130 {
        append(0x69)
      } else if let mapped = Unicode.Scalar(value)?.properties.lowercaseMapping,
        mapped.unicodeScalars.count == 1
      {
        append(contentsOf: mapped.utf8)
      } else {
        appendUTF8(value, to: &self)
      }
    }
  }

  /// Appends a Go string literal, as `strconv.Quote` writes it.
  fileprivate mutating func appendQuoted(_ text: [UInt8]) {
    append(0x22)
    var index = 0
    while index < text.count {
      let byte = text[index]
      switch byte {
      case 0x22, 0x5C: append(contentsOf: [0x5C, byte])
      case 0x20...0x7E: append(byte)
      case 0x07: append(contentsOf: [0x5C, 0x61])
      case 0x08: append(contentsOf: [0x5C, 0x62])
      case 0x0C: append(contentsOf: [0x5C, 0x66])
      case 0x0A: append(contentsOf: [0x5C, 0x6E])
      case 0x0D: append(contentsOf: [0x5C, 0x72])
      case 0x09: append(contentsOf: [0x5C, 0x74])
      case 0x0B: append(contentsOf: [0x5C, 0x76])
      case 0..<0x20, 0x7F: appendHex("\\x", UInt32(byte), digits: 2)
      default:
        let (value, width) = text.span.scalar(at: index, before: text.count)
        if value == 0xFFFD, width == 1 {
          appendHex("\\x", UInt32(byte), digits: 2)
        } else if let scalar = Unicode.Scalar(value), scalar.isPrintable {
          append(contentsOf: text[index..<index + width])
        } else if value < 0x1_0000 {
          appendHex("\\u", value, digits: 4)
        } else {
          appendHex("\\U", value, digits: 8)
        }
        index += width - 1
      }
      index += 1
    }
    append(0x22)
  }

  private mutating func appendHex(_ prefix: StaticString, _ value: UInt32, digits: Int) {
    append(contentsOf: prefix.description.utf8)
    for digit in (0..<digits).reversed() {
      let nibble = UInt8(truncatingIfNeeded: value >> UInt32(4 * digit) & 0xF)
      append(nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10)
    }
  }
}

extension Unicode.Scalar {
  /// Whether Go prints the character as it is: letters, marks, numbers, punctuation, symbols.
  fileprivate var isPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
      .paragraphSeparator:
      false
    default: true
    }
  }
}
