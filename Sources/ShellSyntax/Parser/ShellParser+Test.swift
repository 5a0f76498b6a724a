import SourceText

/// A test expression cannot be read on.
private struct TestFailure: Error {}

extension ShellParser {
  /// `[ … ]` and `[[ … ]]`.
  ///
  /// ShellCheck reads `[` as syntax, not as a command, and refuses the script when it does not like the expression, though
  /// a shell would only find out at run time.
  mutating func test() -> ShellTest {
    let start = index
    let isDouble = peek(1) == 0x5B
    take(.reserved, count: isDouble ? 2 : 1)
    let hasSpace = skipLines()
    var elements: [ShellTest.Element] = []
    do throws(TestFailure) {
      if !(hasSpace && peek() == 0x5D) { try expression(isDouble, into: &elements) }
      guard peek() == 0x5D else { throw TestFailure() }
    } catch {
      fail(.invalidTest, from: start)
      passOverTest(into: &elements)
    }
    if peek() == 0x5D { take(.reserved, count: peek(1) == 0x5D ? 2 : 1) }
    let range = range(from: start)
    skipBlanks()
    return ShellTest(range: range, isDouble: isDouble, elements: elements)
  }

  /// Goes to the bracket, as far as there are words.
  private mutating func passOverTest(into elements: inout [ShellTest.Element]) {
    while !isAtEnd {
      skipBlanks()
      if peek() == 0x5D { return }
      guard let word = word() else { return }
      elements.append(.word(word))
    }
  }

  private mutating func element(_ count: Int, into elements: inout [ShellTest.Element], text: String? = nil) {
    let start = index
    take(.operator, count: count)
    elements.append(.operator(text ?? string(start, index), range(from: start)))
  }

  /// Terms between `&&`, `||`, `-a` and `-o`.
  private mutating func expression(_ isDouble: Bool, into elements: inout [ShellTest.Element])
    throws(TestFailure)
  {
    defer { leave() }
    guard enter() else { throw TestFailure() }
    try term(isDouble, into: &elements)
    while isAt("&&") || isAt("||") || isAt("-a") || isAt("-o") {
      element(2, into: &elements)
      skipLines()
      try term(isDouble, into: &elements)
    }
  }

  private mutating func term(_ isDouble: Bool, into elements: inout [ShellTest.Element]) throws(TestFailure) {
    if peek() == 0x21 {
      element(1, into: &elements)
      skipLines()
    }
    if let width = parenthesis(0x28) {
      element(width, into: &elements, text: "(")
      skipLines()
      try expression(isDouble, into: &elements)
      guard let width = parenthesis(0x29) else { throw TestFailure() }
      element(width, into: &elements, text: ")")
      skipLines()
    } else if let end = flagEnd(index) {
      element(end - index, into: &elements)
      skipLines()
      try operand(isDouble, into: &elements)
    } else {
      try operand(isDouble, into: &elements)
      if let found = binaryOperator() {
        element(found.width, into: &elements, text: found.text)
        skipLines()
        if found.text == "=~" {
          try regularExpression(into: &elements)
        } else {
          try operand(isDouble, into: &elements)
        }
      }
    }
    skipLines()
  }

  /// The width of a parenthesis, which may be quoted.
  private func parenthesis(_ byte: UInt8) -> Int? {
    if peek() == byte { return 1 }
    if peek() == 0x5C, peek(1) == byte { return 2 }
    if peek() == 0x27 || peek() == 0x22, peek(1) == byte, peek(2) == 0x27 || peek(2) == 0x22,
      peek(2) == peek()
    {
      return 3
    }
    return nil
  }

  /// Behind a dash and letters.
  private func flagEnd(_ start: Int) -> Int? {
    guard byte(start) == 0x2D, byte(start + 1).isASCIILetter else { return nil }
    var next = start + 1
    while byte(next).isASCIILetter { next += 1 }
    return next
  }

  private func binaryOperator() -> (width: Int, text: String)? {
    switch peek() {
    case 0x5C: return plainOperator(index + 1).map { ($0.utf8.count + 1, $0) }
    case 0x27, 0x22:
      guard let text = plainOperator(index + 1), byte(index + 1 + text.utf8.count) == peek() else {
        return nil
      }
      return (text.utf8.count + 2, text)
    default: return plainOperator(index).map { ($0.utf8.count, $0) }
    }
  }

  private func plainOperator(_ offset: Int) -> String? {
    if let end = flagEnd(offset) {
      let text = string(offset, end)
      return text == "-a" || text == "-o" ? nil : text
    }
    switch (byte(offset), byte(offset + 1)) {
    case (0x3D, 0x3D): return "=="
    case (0x21, 0x3D): return "!="
    case (0x3C, 0x3D): return "<="
    case (0x3E, 0x3D): return ">="
    case (0x3D, 0x7E): return "=~"
    case (0x3E, _): return ">"
    case (0x3C, _): return "<"
    case (0x3D, _): return "="
    default: return nil
    }
  }

  private mutating func operand(_ isDouble: Bool, into elements: inout [ShellTest.Element])
    throws(TestFailure)
  {
    if peek() == 0x5D { throw TestFailure() }
    guard let word = word() else { throw TestFailure() }
    elements.append(.word(word))
    if case .literal(let text) = word.parts[word.parts.count - 1].kind {
      if text.hasSuffix("]"), !word.literalText.contains("[") { throw TestFailure() }
      if !isDouble, text.hasSuffix(")") { throw TestFailure() }
    }
    skipBlanks()
  }

  /// What stands behind `=~`; parentheses may hold blanks.
  private mutating func regularExpression(into elements: inout [ShellTest.Element]) throws(TestFailure) {
    let start = index
    var parts: [ShellWord.Part] = []
    var groups = 0
    scan: while !isAtEnd {
      switch bytes[index] {
      case 0x28:
        groups += 1
        regularLiteral(1, into: &parts)
      case 0x29:
        guard groups > 0 else { break scan }
        groups -= 1
        regularLiteral(1, into: &parts)
      case 0x27: parts.append(singleQuoted())
      case 0x22: parts.append(doubleQuoted())
      case 0x60 where groups == 0: break scan
      case 0x24:
        if peek(1) == 0x22 || peek(1) == 0x27 {
          regularLiteral(1, into: &parts)
        } else {
          ShellParser.append(dollar(isQuoted: false), to: &parts)
        }
      case 0x5C:
        guard index + 1 < end else { throw TestFailure() }
        regularLiteral(scalarEnd(index + 1) - index, into: &parts)
      case 0x20, 0x09, 0x0A, 0x0D, 0x26, 0x3B, 0x3C, 0x3E:
        guard groups > 0 else { break scan }
        regularLiteral(1, into: &parts)
      default: regularLiteral(1, into: &parts)
      }
    }
    guard groups == 0, index > start else { throw TestFailure() }
    elements.append(.word(ShellWord(range: range(from: start), parts: parts)))
    skipBlanks()
  }

  private mutating func regularLiteral(_ count: Int, into parts: inout [ShellWord.Part]) {
    let start = index
    take(.literal, count: count)
    ShellParser.append(
      ShellWord.Part(kind: .literal(string(start, index)), range: range(from: start)), to: &parts)
  }
}

extension ShellWord {
  /// The text of the literal parts alone.
  fileprivate var literalText: String {
    parts.reduce(into: "") { text, part in
      switch part.kind {
      case .literal(let piece), .singleQuoted(let piece), .ansiQuoted(let piece): text += piece
      case .doubleQuoted(let inner, _):
        for case .literal(let piece) in inner.map(\.kind) { text += piece }
      default: break
      }
    }
  }
}
