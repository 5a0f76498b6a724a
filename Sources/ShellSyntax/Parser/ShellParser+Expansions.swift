import SourceText

extension ShellParser {
  /// What a `$` starts; a lone one is text.
  mutating func dollar(isQuoted: Bool) -> ShellWord.Part {
    let start = index
    let kind: ShellWord.Kind
    switch peek(1) {
    case 0x28:
      if peek(2) == 0x28, let expression = attemptArithmetic(openedBy: 3) {
        kind = .arithmetic(expression)
      } else {
        kind = .command(parenthesizedList())
      }
    case 0x5B: kind = .arithmetic(bracketArithmetic())
    case 0x7B:
      let next = peek(2)
      if next == 0x20 || next == 0x09 || next == 0x0A || next == 0x7C {
        kind = .braceCommand(braceCommand())
      } else {
        kind = .parameter(parameter())
      }
    case 0x22 where !isQuoted: return doubleQuoted()
    case 0x27 where !isQuoted: return ansiQuoted()
    case let byte where byte.isASCIIDigit || byte.isSpecialParameter:
      kind = .parameter(bareParameter(to: index + 2))
    case let byte where byte.isNameStart:
      var next = index + 2
      while self.byte(next).isNamePart { next += 1 }
      kind = .parameter(bareParameter(to: next))
    default:
      take(.literal, count: 1)
      kind = .literal("$")
    }
    return ShellWord.Part(kind: kind, range: range(from: start))
  }

  private mutating func bareParameter(to end: Int) -> ShellParameter {
    let name = string(index + 1, end)
    take(.parameter, to: end)
    return ShellParameter(isBraced: false, prefix: "", name: name, index: nil, operator: "", argument: [])
  }

  // MARK: Commands in words

  /// The list in `$( )`, `<( )` and `>( )`.
  private mutating func parenthesizedList() -> ShellList {
    let start = index
    take(.substitution, count: 2)
    guard enter() else {
      leave()
      return ShellList(range: range(from: start), statements: [])
    }
    defer { leave() }
    var list = list()
    if peek() != 0x29 { fail(.unclosedExpansion, from: start) }
    while !isAtEnd, peek() != 0x29 {
      // What cannot be read is passed over, so that the text behind the parenthesis is not taken for commands.
      takeUnexpected()
      let more = self.list()
      list.statements += more.statements
      if !more.statements.isEmpty { list.range = list.range.union(more.range) }
    }
    if !isAtEnd { take(.substitution, count: 1) }
    return list
  }

  /// `<( )` and `>( )`
  mutating func processSubstitution() -> ShellWord.Part {
    let start = index
    let isOutput = peek() == 0x3E
    let list = parenthesizedList()
    return ShellWord.Part(kind: .process(list, isOutput: isOutput), range: range(from: start))
  }

  /// `${ …; }`
  private mutating func braceCommand() -> ShellList {
    let start = index
    take(.substitution, count: peek(2) == 0x7C ? 3 : 2)
    guard enter() else {
      leave()
      return ShellList(range: range(from: start), statements: [])
    }
    defer { leave() }
    let list = requiredList()
    if peek() == 0x7D { take(.substitution, count: 1) } else { fail(.unclosedExpansion, from: start) }
    return list
  }

  /// A command between backticks. It is read as a text of its own, without the backslashes before `$`, `` ` `` and `\`.
  mutating func backquoted(isQuoted: Bool) -> ShellWord.Part {
    let start = index
    take(.substitution, count: 1)
    var close = index
    while close < end, bytes[close] != 0x60 { close += bytes[close] == 0x5C ? 2 : 1 }
    let isClosed = close < end
    close = min(close, end)
    guard enter() else {
      leave()
      return ShellWord.Part(
        kind: .backquoted(ShellList(range: range(from: start), statements: []), .refused),
        range: range(from: start))
    }
    var content: [UInt8] = []
    var places: [UInt32] = []
    var offset = index
    while offset < close {
      places.append(place(offset))
      if bytes[offset] == 0x5C, offset + 1 < close {
        switch bytes[offset + 1] {
        case 0x24, 0x60, 0x5C: offset += 1
        case 0x22 where isQuoted: offset += 1
        default: break
        }
      }
      content.append(bytes[offset])
      offset += 1
    }
    places.append(place(close))
    var inner = ShellParser(content, acceptsWideBlanks: acceptsWideBlanks, places: places)
    inner.depth = depth
    inner.attempts = attempts
    inner.heredocs = heredocs
    let list = inner.script()
    heredocs = inner.heredocs
    attempts = inner.attempts
    errors += inner.errors
    leave()
    take(.backquoted, to: close)
    if isClosed { take(.substitution, count: 1) } else { fail(.unclosedQuote, from: start) }
    return ShellWord.Part(kind: .backquoted(list, inner.verdict), range: range(from: start))
  }

  // MARK: Parameters

  /// `${x…}`
  private mutating func parameter() -> ShellParameter {
    let start = index
    take(.parameter, count: 2)
    var parameter = ShellParameter(
      isBraced: true, prefix: "", name: "", index: nil, operator: "", argument: [])
    guard enter() else {
      leave()
      return parameter
    }
    defer { leave() }
    if peek() == 0x21 || peek() == 0x23, peek(1).isNamePart || peek(1).isSpecialParameter && peek(2) == 0x7D {
      parameter.prefix = string(index, index + 1)
      take(.parameter, count: 1)
    }
    var next = index
    if byte(next).isNameStart {
      while byte(next).isNamePart { next += 1 }
    } else if byte(next).isASCIIDigit {
      while byte(next).isASCIIDigit { next += 1 }
    } else if byte(next).isSpecialParameter, !startsExpansion(next) {
      next += 1
    }
    parameter.name = string(index, next)
    take(.parameter, to: next)
    if peek() == 0x5B, !parameter.name.isEmpty {
      take(.parameter, count: 1)
      parameter.index = bracedParts(endingAt: 0x5D)
      if peek() == 0x5D { take(.parameter, count: 1) }
    }
    let width = parameter.name.isEmpty ? 0 : parameterOperator
    parameter.operator = string(index, index + width)
    take(.parameter, count: width)
    parameter.argument = bracedParts(endingAt: 0x7D, isFirst: index == start + 2)
    if peek() == 0x7D { take(.parameter, count: 1) } else { fail(.unclosedExpansion, from: start) }
    return parameter
  }

  /// Whether an expansion or an extended pattern starts at an offset, so that the byte is no name.
  private func startsExpansion(_ offset: Int) -> Bool {
    let next = byte(offset + 1)
    return next == 0x28 || byte(offset) == 0x24 && (next == 0x7B || next == 0x5B || next.isNamePart)
  }

  /// How many bytes the operator has that stands here.
  private var parameterOperator: Int {
    let second = peek(1)
    switch peek() {
    case 0x3A:
      switch second {
      case 0x2D, 0x3D, 0x3F, 0x2B: return 2
      default: return 1
      }
    case 0x2D, 0x3D, 0x3F, 0x2B, 0x40: return 1
    case 0x23, 0x25, 0x5E, 0x2C: return second == peek() ? 2 : 1
    case 0x2F: return second == 0x2F || second == 0x23 || second == 0x25 ? 2 : 1
    default: return 0
    }
  }

  /// The parts of what stands in `${ }`, up to the closing brace or an earlier byte.
  ///
  /// - Parameter isFirst: whether nothing stands before them in the braces: an extended pattern is one only there and behind
  ///   a quoted text or an expansion.
  private mutating func bracedParts(endingAt terminator: UInt8, isFirst: Bool = false) -> [ShellWord.Part] {
    var parts: [ShellWord.Part] = []
    var text: [UInt8] = []
    var start = index
    func flush(_ parser: ShellParser, _ parts: inout [ShellWord.Part], _ text: inout [UInt8]) {
      guard parser.index > start else { return }
      ShellParser.append(
        ShellWord.Part(
          kind: .literal(String(decoding: text, as: UTF8.self)), range: parser.range(start, parser.index)),
        to: &parts)
      text.removeAll()
    }
    scan: while index < end {
      let current = bytes[index]
      if current == terminator || current == 0x7D { break }
      switch current {
      case 0x27, 0x22, 0x24, 0x60:
        flush(self, &parts, &text)
        switch current {
        case 0x27: parts.append(singleQuoted())
        case 0x22: parts.append(doubleQuoted())
        case 0x24: ShellParser.append(dollar(isQuoted: false), to: &parts)
        default: parts.append(backquoted(isQuoted: false))
        }
        start = index
      case _
      where current.isPatternPrefix && peek(1) == 0x28 && index == start && (isFirst || !parts.isEmpty):
        parts.append(extendedGlob())
        start = index
      case 0x5C: bracedEscape(into: &text)
      default:
        text.append(current)
        var next = index + 1
        while next < end, !bytes[next].isSpecialInBraces, bytes[next] != terminator {
          text.append(bytes[next])
          next += 1
        }
        take(.literal, to: next)
      }
    }
    flush(self, &parts, &text)
    return parts
  }

  private mutating func bracedEscape(into text: inout [UInt8]) {
    switch peek(1) {
    case _ where index + 1 >= end:
      fail(.trailingBackslash)
      take(.escape, count: 1)
    case 0x0A: take(.continuation, count: 2)
    case 0x7D, 0x22, 0x24, 0x60, 0x27:
      text.append(peek(1))
      take(.escape, count: 2)
    default:
      let next = scalarEnd(index + 1)
      text += bytes[index..<next]
      take(.escape, to: next)
    }
  }
}

extension UInt8 {
  /// Whether the byte is one of the shell's special parameters.
  var isSpecialParameter: Bool {
    switch self {
    case 0x40, 0x2A, 0x23, 0x3F, 0x2D, 0x24, 0x21: true
    default: false
    }
  }

  fileprivate var isSpecialInBraces: Bool {
    switch self {
    case 0x7D, 0x27, 0x22, 0x24, 0x60, 0x5C: true
    default: false
    }
  }
}
