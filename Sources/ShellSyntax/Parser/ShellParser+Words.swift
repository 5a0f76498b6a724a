import SourceText

extension ShellParser {
  /// A word; nil when none starts here.
  mutating func word(endingAt terminator: UInt8 = 0) -> ShellWord? {
    let start = index
    guard !isAtEnd, terminator == 0 || bytes[index] != terminator, let first = wordPart(endingAt: terminator)
    else { return nil }
    // Most words have one part: an array that is made with it is as long as it gets.
    var parts = [first]
    wordParts(into: &parts, endingAt: terminator)
    return ShellWord(range: range(from: start), parts: parts)
  }

  /// The parts of a word up to a blank, an operator or a byte of one's own.
  ///
  /// - Returns: whether there was a part.
  @discardableResult
  mutating func wordParts(into parts: inout [ShellWord.Part], endingAt terminator: UInt8 = 0) -> Bool {
    let start = index
    while !isAtEnd, terminator == 0 || bytes[index] != terminator, let part = wordPart(endingAt: terminator) {
      ShellParser.append(part, to: &parts)
    }
    return index > start
  }

  /// Appends a part; two texts side by side become one.
  static func append(_ part: ShellWord.Part, to parts: inout [ShellWord.Part]) {
    if case .literal(let text) = part.kind, let last = parts.last, case .literal(let before) = last.kind,
      last.range.upper == part.range.lower
    {
      parts[parts.count - 1] = ShellWord.Part(
        kind: .literal(before + text), range: last.range.union(part.range))
    } else {
      parts.append(part)
    }
  }

  private mutating func wordPart(endingAt terminator: UInt8) -> ShellWord.Part? {
    let start = index
    switch bytes[index] {
    case 0x27: return singleQuoted()
    case 0x22: return doubleQuoted()
    case 0x24: return dollar(isQuoted: false)
    case 0x60: return backquoted(isQuoted: false)
    case 0x3C, 0x3E: return peek(1) == 0x28 ? processSubstitution() : nil
    case 0x2A, 0x3F:
      if peek(1) == 0x28 { return extendedGlob() }
      take(.glob, count: 1)
      return ShellWord.Part(kind: .glob(string(start, index)), range: range(from: start))
    case let byte where byte.isPatternPrefix && peek(1) == 0x28: return extendedGlob()
    case 0x5B:
      if let end = bracketEnd(index) {
        take(.glob, to: end)
        return ShellWord.Part(kind: .glob(unescaped(start, end)), range: range(from: start))
      }
    case 0x7B:
      if let close = braceEnd(index) { return braces(to: close) }
    default: break
    }
    return literal(endingAt: terminator)
  }

  /// Text, with what looks special and is not.
  private mutating func literal(endingAt terminator: UInt8) -> ShellWord.Part? {
    let start = index
    var text: [UInt8] = []
    var plain = index
    scan: while index < end {
      let current = bytes[index]
      if current == terminator, terminator != 0 { break }
      switch current {
      case 0x20, 0x09, 0x0A, 0x7C, 0x26, 0x3B, 0x28, 0x29, 0x3C, 0x3E, 0x27, 0x22, 0x24, 0x60, 0x2A, 0x3F:
        break scan
      case 0x0D where isAtLineEnd: break scan
      case _ where current.isPatternPrefix && peek(1) == 0x28: break scan
      case 0xC2 where acceptsWideBlanks && peek(1) == 0xA0: break scan
      case 0x5B where bracketEnd(index) != nil: break scan
      case 0x7B where braceEnd(index) != nil: break scan
      case 0x5C:
        text += bytes[plain..<index]
        escape(into: &text)
        plain = index
      default:
        var next = index + 1
        while next < end, bytes[next].isPlain, terminator == 0 || bytes[next] != terminator { next += 1 }
        take(.literal, to: next)
      }
    }
    guard index > start else { return nil }
    // Without a backslash the text is what stands there.
    if plain == start {
      return ShellWord.Part(kind: .literal(string(start, index)), range: range(from: start))
    }
    text += bytes[plain..<index]
    return ShellWord.Part(kind: .literal(String(decoding: text, as: UTF8.self)), range: range(from: start))
  }

  /// A backslash outside quotes with what it quotes.
  private mutating func escape(into text: inout [UInt8]) {
    if index + 1 >= end {
      fail(.trailingBackslash)
      text.append(0x5C)
      take(.escape, count: 1)
    } else if peek(1) == 0x0A {
      take(.continuation, count: 2)
    } else {
      let start = index + 1
      take(.escape, to: scalarEnd(start))
      text += bytes[start..<index]
    }
  }

  /// Behind the scalar at an offset.
  func scalarEnd(_ offset: Int) -> Int {
    var next = offset + 1
    while next < end, next - offset < 4, bytes[offset] >= 0xC0, bytes[next] & 0xC0 == 0x80 { next += 1 }
    return min(next, end)
  }

  /// The bytes of a range without the backslashes that quote something.
  private func unescaped(_ start: Int, _ end: Int) -> String {
    var text: [UInt8] = []
    var offset = start
    while offset < end {
      if bytes[offset] == 0x5C, offset + 1 < end {
        offset += 1
        if bytes[offset] == 0x0A {
          offset += 1
          continue
        }
      }
      text.append(bytes[offset])
      offset += 1
    }
    return String(decoding: text, as: UTF8.self)
  }

  // MARK: Quotes

  /// `'…'`
  mutating func singleQuoted() -> ShellWord.Part {
    let start = index
    var next = index + 1
    while next < end, bytes[next] != 0x27 { next += 1 }
    let isClosed = next < end
    let text = string(start + 1, next)
    take(.singleQuoted, to: isClosed ? next + 1 : next)
    if !isClosed { fail(.unclosedQuote, from: start) }
    return ShellWord.Part(kind: .singleQuoted(text), range: range(from: start))
  }

  /// `$'…'`
  mutating func ansiQuoted() -> ShellWord.Part {
    let start = index
    var next = index + 2
    while next < end, bytes[next] != 0x27 { next += bytes[next] == 0x5C ? 2 : 1 }
    let isClosed = next < end
    next = min(next, end)
    let text = string(min(start + 2, next), next)
    take(.singleQuoted, to: isClosed ? next + 1 : next)
    if !isClosed { fail(.unclosedQuote, from: start) }
    return ShellWord.Part(kind: .ansiQuoted(text), range: range(from: start))
  }

  /// `"…"`, and `$"…"`
  mutating func doubleQuoted() -> ShellWord.Part {
    let start = index
    let isTranslated = peek() == 0x24
    take(.quote, count: isTranslated ? 2 : 1)
    let parts = quotedParts(in: .literal)
    if peek() == 0x22, !isAtEnd { take(.quote, count: 1) } else { fail(.unclosedQuote, from: start) }
    return ShellWord.Part(kind: .doubleQuoted(parts, isTranslated: isTranslated), range: range(from: start))
  }

  /// The parts of a text in double quotes, up to the quote that closes it; of a here-document up to the end.
  mutating func quotedParts(in kind: ShellTokenKind) -> [ShellWord.Part] {
    var parts: [ShellWord.Part] = []
    var text: [UInt8] = []
    var start = index
    func flush(_ parser: ShellParser, _ parts: inout [ShellWord.Part], _ text: inout [UInt8]) {
      guard parser.index > start else { return }
      let part = ShellWord.Part(
        kind: .literal(String(decoding: text, as: UTF8.self)), range: parser.range(start, parser.index))
      ShellParser.append(part, to: &parts)
      text.removeAll()
    }
    scan: while index < end {
      switch bytes[index] {
      case 0x22 where kind == .literal: break scan
      case 0x24, 0x60:
        flush(self, &parts, &text)
        ShellParser.append(
          bytes[index] == 0x24 ? dollar(isQuoted: true) : backquoted(isQuoted: true), to: &parts)
        start = index
      case 0x5C: quotedEscape(into: &text, in: kind)
      default:
        var next = index + 1
        while next < end, !bytes[next].isSpecialInQuotes || bytes[next] == 0x22 && kind != .literal {
          next += 1
        }
        text += bytes[index..<next]
        take(kind, to: next)
      }
    }
    flush(self, &parts, &text)
    return parts
  }

  private mutating func quotedEscape(into text: inout [UInt8], in kind: ShellTokenKind) {
    switch peek(1) {
    case _ where index + 1 >= end:
      fail(.trailingBackslash)
      text.append(0x5C)
      take(.escape, count: 1)
    case 0x0A: take(.continuation, count: 2)
    case 0x24, 0x60, 0x22, 0x5C:
      text.append(peek(1))
      take(.escape, count: 2)
    default:
      let next = scalarEnd(index + 1)
      text += bytes[index..<next]
      take(kind, to: next)
    }
  }

  // MARK: Patterns

  /// Behind the bracket expression that starts at an offset; nil when there is none.
  private mutating func bracketEnd(_ open: Int) -> Int? {
    guard open >= noBracketsBefore else { return nil }
    var offset = open + 1
    if byte(offset) == 0x21 || byte(offset) == 0x5E { offset += 1 }
    let first = offset
    if byte(offset) == 0x5D { offset += 1 }
    while offset < end {
      switch bytes[offset] {
      case 0x5D where offset > first: return offset + 1
      case 0x5B where byte(offset + 1) == 0x3A:
        var next = offset + 2
        while byte(next).isASCIILetter { next += 1 }
        offset = byte(next) == 0x3A && byte(next + 1) == 0x5D && next > offset + 2 ? next + 2 : offset + 1
      case 0x5C: offset += 2
      case 0x20, 0x09, 0x0A, 0x0D, 0x7C, 0x26, 0x3B, 0x3C, 0x3E, 0x28, 0x29, 0x27, 0x22, 0x24, 0x60, 0x7B,
        0x7D:
        noBracketsBefore = offset
        return nil
      default: offset += 1
      }
    }
    noBracketsBefore = end
    return nil
  }

  /// `@(…|…)` and its like
  mutating func extendedGlob() -> ShellWord.Part {
    let start = index
    let prefix = string(start, start + 1)
    take(.glob, count: 2)
    guard enter() else {
      leave()
      return ShellWord.Part(kind: .extendedGlob(prefix, []), range: range(from: start))
    }
    defer { leave() }
    var parts: [ShellWord.Part] = []
    var groups = 0
    scan: while !isAtEnd {
      if wordParts(into: &parts) { continue }
      switch bytes[index] {
      case 0x29:
        guard groups > 0 else { break scan }
        groups -= 1
        take(.glob, count: 1)
      case 0x28:
        groups += 1
        take(.glob, count: 1)
      case 0x0A: newline()
      case 0x20, 0x09: take(.blank, count: 1)
      default: take(.glob, count: 1)
      }
    }
    if peek() == 0x29 { take(.glob, count: 1) } else { fail(.unclosedGroup, from: start) }
    return ShellWord.Part(kind: .extendedGlob(prefix, parts), range: range(from: start))
  }

  /// The offset of the brace that closes a brace expansion that starts at an offset; nil when none does.
  private mutating func braceEnd(_ open: Int) -> Int? {
    if open >= bracesMatchedUpTo { matchBraces(from: open) }
    guard let close = braceEnds[open], close < end else { return nil }
    return close
  }

  /// Matches all braces of a word, in one pass.
  private mutating func matchBraces(from start: Int) {
    braceEnds.removeAll(keepingCapacity: true)
    var open: [(offset: Int, isList: Bool)] = []
    var offset = start
    scan: while offset < end {
      switch bytes[offset] {
      case 0x7B: open.append((offset, false))
      case 0x2C: if !open.isEmpty { open[open.count - 1].isList = true }
      case 0x2E: if byte(offset + 1) == 0x2E, !open.isEmpty { open[open.count - 1].isList = true }
      case 0x7D:
        guard let last = open.popLast() else { break }
        if last.isList { braceEnds[last.offset] = offset } else { open.removeAll() }
      case 0x5C: offset += 1
      case 0x27:
        offset += 1
        while offset < end, bytes[offset] != 0x27 { offset += 1 }
      case 0x22:
        offset += 1
        while offset < end, bytes[offset] != 0x22 { offset += bytes[offset] == 0x5C ? 2 : 1 }
      case 0x24 where byte(offset + 1) == 0x7B:
        var next = offset + 2
        while byte(next).isNamePart { next += 1 }
        guard byte(next) == 0x7D else { break scan }
        offset = next
      case 0x24 where byte(offset + 1) == 0x28: break scan
      case 0x20, 0x09, 0x0A, 0x0D, 0x7C, 0x26, 0x3B, 0x3C, 0x3E, 0x28, 0x29, 0x60: break scan
      default: break
      }
      offset += 1
    }
    bracesMatchedUpTo = max(min(offset, end), start + 1)
  }

  /// `{a,b}`
  private mutating func braces(to close: Int) -> ShellWord.Part {
    let start = index
    take(.brace, count: 1)
    guard enter() else {
      leave()
      return ShellWord.Part(kind: .braces([]), range: range(from: start))
    }
    defer { leave() }
    var parts: [ShellWord.Part] = []
    let outer = end
    end = close
    while !isAtEnd {
      if bytes[index] == 0x2C {
        take(.brace, count: 1)
      } else if !wordParts(into: &parts, endingAt: 0x2C) {
        take(.literal, count: 1)
      }
    }
    end = outer
    take(.brace, to: max(index, close + 1))
    return ShellWord.Part(kind: .braces(parts), range: range(from: start))
  }
}

extension UInt8 {
  /// Whether the byte is plain text anywhere in a word.
  fileprivate var isPlain: Bool {
    switch self {
    case 0x20, 0x09, 0x0A, 0x0D, 0x7C, 0x26, 0x3B, 0x28, 0x29, 0x3C, 0x3E, 0x27, 0x22, 0x24, 0x60, 0x2A, 0x3F,
      0x40,
      0x21, 0x2B, 0x5B, 0x7B, 0x5C, 0xC2:
      false
    default: true
    }
  }

  /// Whether the byte starts an extended pattern when a parenthesis follows.
  var isPatternPrefix: Bool {
    switch self {
    case 0x3F, 0x2A, 0x40, 0x21, 0x2B: true
    default: false
    }
  }

  /// Whether the byte may end a text in double quotes.
  fileprivate var isSpecialInQuotes: Bool { self == 0x22 || self == 0x24 || self == 0x60 || self == 0x5C }
}
