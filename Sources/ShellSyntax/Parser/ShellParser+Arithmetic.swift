import SourceText

extension ShellParser {
  /// `((…))` or `$((…))`; nil, with nothing read, when it is a command in two parentheses after all.
  mutating func attemptArithmetic(openedBy width: Int) -> ShellArithmetic? {
    guard attempts > 0 else { return nil }
    let before = mark
    let isDollar = width == 3
    take(.arithmetic, count: width)
    let start = index
    var parts: [ShellWord.Part] = []
    let isRead = enter() && arithmeticSequence(into: &parts)
    if isRead, errors.count == before.errors, peek() == 0x29, peek(1) == 0x29 {
      leave()
      let expression = ShellArithmetic(range: range(from: start), parts: parts)
      take(.arithmetic, count: 2)
      if !isDollar { skipBlanks() }
      return expression
    }
    attempts -= 1
    goBack(to: before)
    return nil
  }

  /// `$[…]`
  mutating func bracketArithmetic() -> ShellArithmetic {
    let start = index
    take(.arithmetic, count: 2)
    var parts: [ShellWord.Part] = []
    guard enter() else {
      leave()
      return ShellArithmetic(range: range(from: start), parts: [], isBracketed: true)
    }
    defer { leave() }
    let contents = index
    if !arithmeticSequence(into: &parts) { fail(.invalidArithmetic, from: start) }
    let expression = ShellArithmetic(range: range(from: contents), parts: parts, isBracketed: true)
    if peek() == 0x5D { take(.arithmetic, count: 1) } else { fail(.unclosedExpansion, from: start) }
    return expression
  }

  /// Expressions between commas; there may be none.
  ///
  /// - Returns: whether it could be read.
  mutating func arithmeticSequence(into parts: inout [ShellWord.Part]) -> Bool {
    skipArithmeticSpace()
    switch peek() {
    case 0x29, 0x5D, 0x3B: return true
    case _ where isAtEnd: return true
    default: break
    }
    while arithmeticExpression(into: &parts) {
      guard peek() == 0x2C else { return true }
      take(.arithmetic, count: 1)
      skipArithmeticSpace()
    }
    return false
  }

  private mutating func skipArithmeticSpace() {
    while !isAtEnd {
      if isAtLineEnd {
        newline()
      } else if peek() == 0x5C, peek(1) == 0x0A {
        take(.continuation, count: 2)
      } else if peek() == 0x20 || peek() == 0x09 {
        take(.blank, count: 1)
      } else {
        return
      }
    }
  }

  /// Terms between operators. Precedence does not matter here.
  private mutating func arithmeticExpression(into parts: inout [ShellWord.Part]) -> Bool {
    var questions = 0
    while true {
      while true {
        let current = peek()
        guard current == 0x21 || current == 0x7E || current == 0x2B || current == 0x2D else { break }
        let isDoubled = (current == 0x2B || current == 0x2D) && peek(1) == current
        take(.arithmetic, count: isDoubled ? 2 : 1)
        skipArithmeticSpace()
      }
      guard arithmeticTerm(into: &parts) else { return false }
      skipArithmeticSpace()
      if isAt("++") || isAt("--") {
        take(.arithmetic, count: 2)
        skipArithmeticSpace()
      }
      let width = arithmeticOperator
      guard width > 0 else { return questions == 0 }
      if peek() == 0x3F { questions += 1 }
      if peek() == 0x3A {
        guard questions > 0 else { return true }
        questions -= 1
      }
      take(.arithmetic, count: width)
      skipArithmeticSpace()
    }
  }

  /// How many bytes the binary operator has that stands here.
  private var arithmeticOperator: Int {
    let (first, second, third) = (peek(), peek(1), peek(2))
    switch first {
    case 0x3C, 0x3E:
      if second == first { return third == 0x3D ? 3 : 2 }
      return second == 0x3D ? 2 : 1
    case 0x26, 0x7C: return second == first || second == 0x3D ? 2 : 1
    case 0x2A: return second == first || second == 0x3D ? 2 : 1
    case 0x3D: return second == 0x3D ? 2 : 1
    case 0x21: return second == 0x3D ? 2 : 0
    case 0x2B, 0x2D, 0x2F, 0x25, 0x5E: return second == 0x3D ? 2 : 1
    case 0x3F, 0x3A: return 1
    default: return 0
    }
  }

  private mutating func arithmeticTerm(into parts: inout [ShellWord.Part]) -> Bool {
    if peek() == 0x28 {
      take(.arithmetic, count: 1)
      defer { leave() }
      guard enter(), arithmeticSequence(into: &parts), peek() == 0x29 else { return false }
      take(.arithmetic, count: 1)
      return true
    }
    if peek().isNameStart {
      var next = index
      while byte(next).isNamePart { next += 1 }
      take(.arithmetic, to: next)
      while peek() == 0x5B {
        take(.arithmetic, count: 1)
        defer { leave() }
        guard enter(), arithmeticSequence(into: &parts), peek() == 0x5D else { return false }
        take(.arithmetic, count: 1)
      }
      return true
    }
    let start = index
    while !isAtEnd {
      switch bytes[index] {
      case 0x27: parts.append(singleQuoted())
      case 0x22: parts.append(doubleQuoted())
      case 0x24: parts.append(dollar(isQuoted: false))
      case 0x60: parts.append(backquoted(isQuoted: false))
      case 0x23: take(.arithmetic, count: 1)
      case 0x5C where index + 1 < end && peek(1) != 0x0A: take(.arithmetic, to: scalarEnd(index + 1))
      case let byte where byte.isArithmeticLiteral:
        var next = index + 1
        while next < end, bytes[next].isArithmeticLiteral { next += 1 }
        take(.arithmetic, to: next)
      default: return index > start
      }
    }
    return index > start
  }
}

extension UInt8 {
  /// Whether the byte may stand in a number or in what looks like one.
  fileprivate var isArithmeticLiteral: Bool {
    switch self {
    case 0x2B, 0x2D, 0x2A, 0x2F, 0x3D, 0x25, 0x5E, 0x2C, 0x5D, 0x3F, 0x3A, 0x5B, 0x7B, 0x7D, 0x7C, 0x26, 0x3B,
      0x3C,
      0x3E, 0x28, 0x29, 0x5C, 0x20, 0x27, 0x09, 0x0A, 0x0D, 0x22, 0x24, 0x60, 0x40, 0x21, 0x23:
      false
    default: true
    }
  }
}
