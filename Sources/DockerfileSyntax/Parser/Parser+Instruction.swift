import SourceText

extension Parser {
  /// How deep ONBUILD may stand in ONBUILD before the rest is left unread; one level is all that builds.
  private static var maximumDepth: Int { 64 }

  /// Parses a logical line, or the part of one behind ONBUILD: keyword, flags, arguments.
  ///
  /// All of `start..<end` is put out as tokens.
  mutating func parseLogicalLine(
    _ text: Span<UInt8>, from start: Int, to end: Int, into node: inout InstructionSyntax, depth: Int
  ) {
    let trimmed = text.trimmingSpace(from: start, to: end)
    let begin = text.skippingSpace(from: start, to: trimmed)
    line.emit(.space, from: start, to: begin, into: &tokens)
    var index = begin
    while index < trimmed, !text[index].isWordBreak { index += 1 }
    node.keyword = line.fileRange(begin, index)
    node.kind = InstructionKind.named(text, from: begin, to: index)
    line.emit(.keyword, from: begin, to: index, into: &tokens)

    let argumentsStart = parseFlags(text, from: index, to: trimmed, into: &node)
    let firstArgument = arguments.count
    var last = index
    if argumentsStart < trimmed {
      parseArguments(text, from: argumentsStart, to: trimmed, into: &node, depth: depth)
      last = trimmed
    } else if let flag = flags[node.flags.indices].last {
      node.line = ByteRange(node.keyword.lower, flag.range.upper)
      last = -1
    }
    node.arguments = IndexRange(firstArgument, arguments.count)
    if last >= 0 { node.line = line.fileRange(begin, last) }
    node.range = node.line
    node.isContiguous = !line.isJoined || line.isContiguous(begin, last < 0 ? trimmed : last)
    line.emit(.space, from: trimmed, to: end, into: &tokens)
  }

  /// Reads the flags and the `--` that may end them.
  ///
  /// BuildKit reads this part byte by byte, so that 0x85 and 0xA0 are white space even inside a scalar.
  ///
  /// - Returns: where the arguments start.
  private mutating func parseFlags(
    _ text: Span<UInt8>, from start: Int, to end: Int, into node: inout InstructionSyntax
  ) -> Int {
    let first = flags.count
    var index = start
    defer { node.flags = IndexRange(first, flags.count) }
    while true {
      let space = index
      while index < end, text[index].isLatin1Space { index += 1 }
      guard index + 1 < end, text[index] == 0x2D, text[index + 1] == 0x2D else {
        index = text.skippingSpace(from: index, to: end)
        line.emit(.space, from: space, to: index, into: &tokens)
        return index
      }
      line.emit(.space, from: space, to: index, into: &tokens)
      let flag = index
      var word = FlagWord()
      while index < end, word.takes(text[index], isLast: index + 1 == end, escape: escape) { index += 1 }
      line.emit(.flag, from: flag, to: index, into: &tokens)
      guard word.length != 2 else {
        let space = index
        index = text.skippingSpace(from: index, to: end)
        line.emit(.space, from: space, to: index, into: &tokens)
        return index
      }
      flags.append(
        FlagSyntax(range: line.fileRange(flag, index), isContiguous: line.isContiguous(flag, index)))
    }
  }

  private mutating func parseArguments(
    _ text: Span<UInt8>, from start: Int, to end: Int, into node: inout InstructionSyntax, depth: Int
  ) {
    switch node.kind {
    case .from, .expose, .unknown:
      parseWords(text, from: start, to: end, into: &node)
    case .user, .workdir, .stopsignal, .maintainer:
      parseText(text, from: start, to: end, into: &node)
    case .run, .cmd, .entrypoint, .shell:
      if !parseExecForm(text, from: start, to: end, into: &node) {
        parseText(text, from: start, to: end, into: &node)
      }
    case .add, .copy, .volume:
      if !parseExecForm(text, from: start, to: end, into: &node) {
        parseWords(text, from: start, to: end, into: &node)
      }
    case .env, .label, .arg:
      parseAssignments(text, from: start, to: end, into: &node)
    case .healthcheck:
      parseHealthcheck(text, from: start, to: end, into: &node)
    case .onbuild:
      parseTrigger(text, from: start, to: end, into: &node, depth: depth)
    }
  }

  mutating func addArgument(_ start: Int, _ end: Int) {
    arguments.append(
      ArgumentSyntax(range: line.fileRange(start, end), isContiguous: line.isContiguous(start, end)))
  }

  /// One argument to the end of the line.
  private mutating func parseText(
    _ text: Span<UInt8>, from start: Int, to end: Int, into node: inout InstructionSyntax
  ) {
    guard start < end else { return }
    node.form = .text
    addArgument(start, end)
    line.emit(.text, from: start, to: end, into: &tokens)
  }

  /// Words between ASCII white space; quotes and escapes mean nothing here.
  private mutating func parseWords(
    _ text: Span<UInt8>, from start: Int, to end: Int, into node: inout InstructionSyntax
  ) {
    node.form = .words
    var index = start
    while index < end {
      let word = index
      while index < end, !text[index].isWordBreak { index += 1 }
      addArgument(word, index)
      line.emit(.word, from: word, to: index, into: &tokens)
      let space = index
      while index < end, text[index].isWordBreak { index += 1 }
      line.emit(.space, from: space, to: index, into: &tokens)
    }
  }

  /// HEALTHCHECK's type word, and the command behind it.
  private mutating func parseHealthcheck(
    _ text: Span<UInt8>, from start: Int, to end: Int, into node: inout InstructionSyntax
  ) {
    var index = start
    while index < end, !text[index].isLatin1Space { index += 1 }
    guard index > start else {
      // A byte that is white space only in Latin-1 stands first: BuildKit reads nothing at all.
      line.emit(.stray, from: start, to: end, into: &tokens)
      return
    }
    node.form = .words
    addArgument(start, index)
    line.emit(.word, from: start, to: index, into: &tokens)
    let space = index
    while index < end, text[index].isLatin1Space { index += 1 }
    line.emit(.space, from: space, to: index, into: &tokens)
    guard index < end else { return }
    let bracket = text.skippingSpace(from: index, to: end)
    if !parseExecForm(text, from: index, bracketAt: bracket, to: end, into: &node) {
      parseText(text, from: index, to: end, into: &node)
    }
  }

  /// The instruction inside ONBUILD.
  private mutating func parseTrigger(
    _ text: Span<UInt8>, from start: Int, to end: Int, into node: inout InstructionSyntax, depth: Int
  ) {
    guard depth < Parser.maximumDepth else {
      fail(.nestedTooDeep, start, end)
      parseText(text, from: start, to: end, into: &node)
      return
    }
    node.form = .instruction
    var inner = InstructionSyntax()
    let firstToken = tokens.count
    parseLogicalLine(text, from: start, to: end, into: &inner, depth: depth + 1)
    inner.tokens = IndexRange(firstToken, tokens.count)
    inner.leadingComments = IndexRange(firstToken, firstToken)
    node.trigger = Int32(truncatingIfNeeded: triggers.count)
    triggers.append(inner)
  }

  mutating func fail(_ kind: SyntaxError.Kind, _ start: Int, _ end: Int) {
    errors.append(
      SyntaxError(
        kind: kind, range: line.fileRange(start, end),
        instruction: Int32(truncatingIfNeeded: instructions.count)))
  }
}

/// Follows a flag byte by byte to its end, as BuildKit's `extractBuilderFlags` does.
struct FlagWord {
  private var quote: UInt8 = 0
  private var isEscaped = false
  /// How many bytes the flag has without quotes and escapes; a flag of two is `--`, which ends the flags.
  private(set) var length = 0
  /// The bytes without quotes and escapes; nil when nobody asked.
  private(set) var cooked: [UInt8]?

  init(collecting: Bool = false) {
    cooked = collecting ? [] : nil
  }

  /// Takes the next byte; false when it ends the flag.
  mutating func takes(_ byte: UInt8, isLast: Bool, escape: UInt8) -> Bool {
    if isEscaped {
      isEscaped = false
      add(byte)
    } else if quote == 0 {
      if byte.isLatin1Space { return false }
      if byte == 0x22 || byte == 0x27 {
        quote = byte
      } else if byte == escape {
        isEscaped = !isLast
      } else {
        add(byte)
      }
    } else if byte == quote {
      quote = 0
    } else if byte == escape {
      isEscaped = !isLast
    } else {
      add(byte)
    }
    return true
  }

  private mutating func add(_ byte: UInt8) {
    length += 1
    cooked?.append(byte)
  }
}

extension UInt8 {
  /// Whether the byte separates words: tab, VT, FF, CR, space. (There is no LF in a logical line.)
  @inline(__always) var isWordBreak: Bool { self == 0x20 || self == 0x09 || (self >= 0x0B && self <= 0x0D) }
  /// Whether the byte is white space when it is read as a character of Latin-1.
  @inline(__always) var isLatin1Space: Bool { isASCIISpace || self == 0x85 || self == 0xA0 }
}
