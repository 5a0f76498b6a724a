import SourceText

extension ShellParser {
  private mutating func skipSemicolon() {
    // `then;` is no shell, but ShellCheck reads on.
    if peek() == 0x3B, peek(1) != 0x3B {
      take(.operator, count: 1)
      skipBlanks()
    }
  }

  /// `if … then … elif … else … fi`
  mutating func conditional() -> ShellCommandNode.Kind {
    var branches: [(condition: ShellList, body: ShellList)] = []
    var otherwise: ShellList?
    _ = takeWord("if")
    repeat {
      let condition = requiredList()
      guard expectWord("then") else {
        branches.append((condition, ShellList(range: range(index, index), statements: [])))
        return .conditional(branches, otherwise: nil)
      }
      skipSemicolon()
      branches.append((condition, requiredList()))
    } while takeWord("elif")
    if takeWord("else") {
      skipSemicolon()
      otherwise = requiredList()
    }
    _ = expectWord("fi")
    return .conditional(branches, otherwise: otherwise)
  }

  /// `while` and `until`
  mutating func loop(isUntil: Bool) -> ShellCommandNode.Kind {
    _ = takeWord(isUntil ? "until" : "while")
    let condition = requiredList()
    return .loop(isUntil: isUntil, condition: condition, body: doGroup())
  }

  /// `do … done`
  private mutating func doGroup() -> ShellList {
    guard expectWord("do") else { return ShellList(range: range(index, index), statements: []) }
    skipSemicolon()
    let list = requiredList()
    _ = expectWord("done")
    return list
  }

  private mutating func loopBody() -> ShellList { peek() == 0x7B ? group() : doGroup() }

  /// `for` and `select`
  mutating func iteration(isSelect: Bool) -> ShellCommandNode.Kind {
    _ = takeWord(isSelect ? "select" : "for")
    if !isSelect, peek() == 0x28 { return arithmeticLoop() }
    if peek() == 0x24 { take(.unexpected, count: 1) }
    let start = index
    var next = index
    if byte(next).isNameStart {
      while byte(next).isNamePart { next += 1 }
    }
    let name = string(start, next)
    let nameRange = range(start, next)
    if next == start { fail(.missingOperand) }
    take(.literal, to: next)
    skipLines()
    let words = inClause()
    if words == nil {
      skipSemicolon()
      skipLines()
    }
    return .iteration(isSelect: isSelect, name: name, nameRange: nameRange, words: words, body: loopBody())
  }

  private mutating func inClause() -> [ShellWord]? {
    guard takeWord("in") else { return nil }
    var words: [ShellWord] = []
    while !isAtEnd, peek() != 0x3B, !isAtLineEnd, !isAtWord("do"), let word = word() {
      words.append(word)
      skipBlanks()
    }
    skipSemicolon()
    skipLines()
    return words
  }

  /// `for ((a; b; c))`
  private mutating func arithmeticLoop() -> ShellCommandNode.Kind {
    let start = index
    take(.arithmetic, count: 1)
    skipBlanks()
    if peek() == 0x28 { take(.arithmetic, count: 1) } else { fail(.invalidArithmetic) }
    let contents = index
    var parts: [ShellWord.Part] = []
    for position in 0..<3 {
      if !arithmeticSequence(into: &parts) { fail(.invalidArithmetic) }
      guard position < 2 else { break }
      if peek() == 0x3B { take(.arithmetic, count: 1) } else { fail(.invalidArithmetic) }
    }
    let expression = ShellArithmetic(range: range(contents, index), parts: parts)
    if peek() == 0x29 {
      take(.arithmetic, count: 1)
      skipBlanks()
    }
    if peek() == 0x29 { take(.arithmetic, count: 1) } else { fail(.unclosedGroup, from: start) }
    skipBlanks()
    if peek() == 0x3B { skipSemicolon() }
    skipLines()
    return .arithmeticLoop(expression, body: loopBody())
  }

  /// `case word in … esac`
  mutating func selection() -> ShellCommandNode.Kind {
    _ = takeWord("case")
    let subject = word()
    if subject == nil { fail(.missingOperand) }
    skipLines()
    guard expectWord("in") else { return .selection(subject, []) }
    skipLines()
    var items: [ShellCaseItem] = []
    while !isAtEnd, !isAtWord("esac"), let item = caseItem() { items.append(item) }
    _ = expectWord("esac")
    return .selection(subject, items)
  }

  private mutating func caseItem() -> ShellCaseItem? {
    let start = index
    if peek() == 0x28 {
      take(.operator, count: 1)
    }
    skipBlanks()
    var patterns: [ShellWord] = []
    repeat {
      if !patterns.isEmpty {
        take(.operator, count: 1)
        skipBlanks()
      }
      guard let pattern = word() else { break }
      patterns.append(pattern)
      skipBlanks()
    } while peek() == 0x7C
    guard peek() == 0x29, !patterns.isEmpty else {
      fail(.unexpected)
      return nil
    }
    take(.operator, count: 1)
    skipBlanks()
    skipLines()
    let body = isAtCaseEnd ? ShellList(range: range(index, index), statements: []) : requiredList()
    var item = ShellCaseItem(range: range(from: start), patterns: patterns, body: body, terminator: .end)
    skipLines()
    if isAt(";;&") {
      item.terminator = .next
      take(.operator, count: 3)
    } else if isAt(";&") {
      item.terminator = .fallThrough
      take(.operator, count: 2)
    } else if isAt(";;") {
      take(.operator, count: 2)
    } else if !isAtWord("esac") {
      fail(.missingWord(";;"))
      return item
    }
    item.range = range(from: start)
    skipBlanks()
    skipLines()
    return item
  }

  private var isAtCaseEnd: Bool { isAt(";;") || isAt(";&") || isAtWord("esac") }

  // MARK: Functions

  /// A function, in both forms; nil when none starts here.
  mutating func function() -> ShellCommandNode.Kind? {
    let hasKeyword =
      isAt("function") && (byte(index + 8) == 0x20 || byte(index + 8) == 0x09 || isLineEnd(index + 8))
    if hasKeyword {
      var next = index + 8
      while byte(next) == 0x20 || byte(next) == 0x09 { next += 1 }
      let nameStart = next
      while byte(next).isFunctionName || next > nameStart && byte(next) == 0x23
        || byte(next).isOddFunctionName
      {
        next += 1
      }
      guard next > nameStart else { return nil }
      take(.reserved, count: 8)
      skipBlanks()
      guard index == nameStart else { return nil }
      take(.literal, to: next)
      let name = (string(nameStart, next), range(nameStart, next))
      skipBlanks()
      if let close = parameterListEnd(index) {
        take(.operator, count: 1)
        take(.blank, to: close)
        take(.operator, count: 1)
      }
      return functionBody(name)
    }
    guard peek().isFunctionName else { return nil }
    let start = index
    var next = index + 1
    while byte(next).isFunctionName || byte(next) == 0x23 { next += 1 }
    let nameEnd = next
    while byte(next) == 0x20 || byte(next) == 0x09 { next += 1 }
    guard byte(next) == 0x28, !isAtWord("time"), let close = parameterListEnd(next) else { return nil }
    let name = (string(start, nameEnd), range(start, nameEnd))
    take(.literal, to: nameEnd)
    take(.blank, to: next)
    take(.operator, count: 1)
    take(.unexpected, to: close)
    take(.operator, count: 1)
    return functionBody(name)
  }

  /// The offset of the `)` that closes a `(` at an offset on the same line; parameters between them are forgiven.
  private mutating func parameterListEnd(_ offset: Int) -> Int? {
    guard byte(offset) == 0x28, offset >= noParameterListBefore else { return nil }
    var next = offset + 1
    while next < end, bytes[next] != 0x0A, bytes[next] != 0x29, bytes[next] != 0x7B { next += 1 }
    if byte(next) == 0x29 { return next }
    noParameterListBefore = next
    return nil
  }

  private mutating func functionBody(_ name: (String, ByteRange)) -> ShellCommandNode.Kind {
    skipLines()
    guard peek() == 0x7B || peek() == 0x28 else {
      fail(.missingCommand)
      return .function(name: name.0, nameRange: name.1, body: nil)
    }
    let start = index
    guard enter() else {
      leave()
      return .function(name: name.0, nameRange: name.1, body: nil)
    }
    defer { leave() }
    let kind: ShellCommandNode.Kind
    if peek() == 0x7B {
      kind = .group(group())
    } else {
      kind = .subshell(subshell())
    }
    let body = ShellCommandNode(range: range(from: start), kind: kind, redirections: [])
    return .function(name: name.0, nameRange: name.1, body: body)
  }

  /// `coproc`, with a name only before a compound command.
  mutating func coprocess() -> ShellCommandNode.Kind {
    take(.reserved, count: 6)
    skipBlanks()
    let before = mark
    var name: ShellWord?
    if peek().isNameStart, !isAtCompound, let word = word() {
      skipBlanks()
      if isAtCompound { name = word } else { goBack(to: before) }
    }
    let body = command()
    if body == nil { fail(.missingCommand) }
    return .coprocess(name: name, body)
  }

  private var isAtCompound: Bool {
    peek() == 0x7B || peek() == 0x28 || isAtWord("while") || isAtWord("until") || isAtWord("if")
      || isAtWord("for")
      || isAtWord("case") || isAtWord("select")
  }
}

extension UInt8 {
  /// Whether ShellCheck takes the byte as part of a function's name.
  fileprivate var isFunctionName: Bool {
    switch self {
    case 0x3A, 0x2B, 0x3F, 0x2D, 0x2E, 0x2F, 0x5E, 0x40, 0x2C: true
    default: isNamePart
    }
  }

  /// Whether the byte may stand in a function's name behind `function`.
  fileprivate var isOddFunctionName: Bool {
    switch self {
    case 0x5B, 0x5D, 0x2A, 0x3D, 0x21: true
    default: false
    }
  }
}
