import SourceText

/// The parser: one pass over the file's lines that fills the arrays of a ``SyntaxTree``.
///
/// The rules are those of BuildKit's `parser.Parse`: physical lines are joined into a logical line, the logical line is
/// split into keyword, flags and the rest, and each instruction has its own way to read the rest. A logical line of one
/// physical line is read where it lies; only joined lines are copied, into a buffer that is used again.
struct Parser: ~Copyable {
  var tokens: [Token] = []
  var instructions: [InstructionSyntax] = []
  var triggers: [InstructionSyntax] = []
  var directives: [DirectiveSyntax] = []
  var errors: [SyntaxError] = []
  var arguments: [ArgumentSyntax] = []
  var flags: [FlagSyntax] = []
  var heredocs: [HeredocSyntax] = []
  var escape: UInt8 = 0x5C
  /// Whether a here-document that nothing ends has no body, in place of all up to the next instruction in capitals.
  var openHeredocsAreEmpty = false

  /// Where the pieces of the current logical line come from.
  var line = LogicalLine()
  /// Finds the ends of here-documents once one has been missed.
  var terminators: HeredocTerminators?
  private var joined: [UInt8] = []
  private var directivesDone = false
  /// Where a line `#!…` starts the file; -1 without one.
  private var script = -1
  private var seenDirectives: [DirectiveSyntax.Kind] = []
  /// The first token of the comments right above the next instruction; -1 when there are none.
  private var commentsStart = -1

  mutating func parse(_ file: Span<UInt8>) {
    tokens.reserveCapacity(min(file.count / 5 + 16, 1 << 18))
    instructions.reserveCapacity(min(file.count / 40 + 4, 1 << 15))
    var offset = 0
    if file.count >= 3, file[0] == 0xEF, file[1] == 0xBB, file[2] == 0xBF {
      tokens.append(Token(.byteOrderMark, 0))
      offset = 3
    }
    if file.count > offset + 1, file[offset] == 0x23, file[offset + 1] == 0x21 { script = offset }
    while offset < file.count { offset = parseLine(file, at: offset) }
    if instructions.isEmpty {
      errors.append(
        SyntaxError(kind: .noInstructions, range: ByteRange(file.count, file.count), instruction: -1))
    }
  }

  /// Parses what starts at a line start: a blank line, a comment, a directive, or an instruction to its end.
  ///
  /// - Returns: the start of the next line.
  private mutating func parseLine(_ file: Span<UInt8>, at start: Int) -> Int {
    let physical = PhysicalLine(file, at: start)
    let content = file.skippingSpace(from: start, to: physical.contentEnd)
    append(.space, start, content)
    if content == physical.contentEnd {
      directivesDone = true
      commentsStart = -1
      append(.newline, physical.contentEnd, physical.next)
      return physical.next
    }
    if file[content] == 0x23 {
      parseComment(file, from: content, to: physical.contentEnd)
      append(.newline, physical.contentEnd, physical.next)
      return physical.next
    }
    directivesDone = true
    return parseInstruction(file, physical, from: content)
  }

  private mutating func append(_ kind: TokenKind, _ start: Int, _ end: Int) {
    if start < end { tokens.append(Token(kind, start)) }
  }

  private mutating func parseComment(_ file: Span<UInt8>, from start: Int, to end: Int) {
    let isDirective = start != script && !directivesDone && parseDirective(file, from: start, to: end)
    if isDirective {
      commentsStart = -1
    } else if file.skippingSpace(from: start + 1, to: end) == end {
      // BuildKit forgets the comments above an empty one.
      commentsStart = -1
    } else if commentsStart < 0 {
      commentsStart = tokens.count
    }
    tokens.append(Token(isDirective ? .directive : .comment, start))
  }

  /// Reads `# name=value`; false when the line is an ordinary comment, which ends the directives.
  ///
  /// As with BuildKit, `syntax` and `check` are also looked for behind a line `#!…`, where their first lines count and
  /// `escape` is a comment.
  private mutating func parseDirective(_ file: Span<UInt8>, from start: Int, to end: Int) -> Bool {
    let nameStart = file.skippingSpace(from: start + 1, to: end)
    var index = nameStart
    if index < end, file[index].isASCIILetter { index += 1 }
    while index > nameStart, index < end, file[index].isASCIILetter || file[index].isASCIIDigit { index += 1 }
    let nameEnd = index
    while index < end, file[index].isASCIISpace, file[index] != 0x0B { index += 1 }
    guard nameEnd > nameStart, index < end, file[index] == 0x3D else {
      directivesDone = true
      return false
    }
    index += 1
    while index < end, file[index].isASCIISpace, file[index] != 0x0B { index += 1 }
    var valueEnd = end
    while valueEnd > index, file[valueEnd - 1].isASCIISpace, file[valueEnd - 1] != 0x0B { valueEnd -= 1 }
    let kind: DirectiveSyntax.Kind
    let name = file.extracting(nameStart..<nameEnd)
    if name.equalsIgnoringCase("syntax") {
      kind = .syntax
    } else if name.equalsIgnoringCase("escape") {
      kind = .escape
    } else if name.equalsIgnoringCase("check") {
      kind = .check
    } else {
      directivesDone = true
      return false
    }
    guard valueEnd > index else {
      directivesDone = true
      return false
    }
    if script >= 0, kind == .escape || seenDirectives.contains(kind) { return false }
    let directive = DirectiveSyntax(
      kind: kind, range: ByteRange(start, valueEnd), value: ByteRange(index, valueEnd))
    if seenDirectives.contains(kind) {
      errors.append(SyntaxError(kind: .duplicateDirective(kind), range: directive.range, instruction: -1))
    } else if kind == .escape {
      let value = file[index]
      if valueEnd - index == 1, value == 0x5C || value == 0x60 {
        escape = value
      } else {
        errors.append(SyntaxError(kind: .invalidEscape, range: directive.value, instruction: -1))
      }
    }
    seenDirectives.append(kind)
    directives.append(directive)
    return true
  }

  /// Parses an instruction whose first line is given, with its continuations and here-documents.
  private mutating func parseInstruction(
    _ file: Span<UInt8>, _ physical: PhysicalLine, from start: Int
  ) -> Int {
    var node = InstructionSyntax()
    let firstToken = tokens.count
    node.leadingComments =
      commentsStart < 0 ? IndexRange(firstToken, firstToken) : IndexRange(commentsStart, firstToken)
    commentsStart = -1

    var next = physical.next
    let first = physical.trimmingContinuation(file, from: start, escape: escape)
    if !first.isContinued {
      line.reset(toPhysical: start)
      parseLogicalLine(file, from: start, to: physical.contentEnd, into: &node, depth: 0)
      append(.newline, physical.contentEnd, physical.next)
      if mayHaveHeredocs(node) {
        next = parseHeredocs(
          file, line: file, from: start, to: physical.contentEnd, after: next, into: &node)
      }
    } else {
      let end = join(file, first: first, from: start, physical: physical)
      next = end.next
      var text: [UInt8] = []
      swap(&text, &joined)
      parseLogicalLine(text.span, from: 0, to: text.count, into: &node, depth: 0)
      line.finish(at: text.count, into: &tokens)
      append(.newline, end.contentEnd, end.next)
      if mayHaveHeredocs(node) {
        next = parseHeredocs(file, line: text.span, from: 0, to: text.count, after: next, into: &node)
      }
      swap(&text, &joined)
      if joined.count > 1 << 20 { joined = [] } else { joined.removeAll(keepingCapacity: true) }
    }
    node.tokens = IndexRange(firstToken, tokens.count)
    instructions.append(node)
    return next
  }

  /// Joins continued lines into `joined`, remembering where each piece and the trivia between them lie.
  ///
  /// - Returns: the last physical line.
  private mutating func join(
    _ file: Span<UInt8>, first: (end: Int, isContinued: Bool), from start: Int, physical: PhysicalLine
  ) -> PhysicalLine {
    line.reset(toJoined: start)
    joined.removeAll(keepingCapacity: true)
    joined.append(file, from: start, to: first.end)
    line.addGap(.continuation, first.end)
    var last = PhysicalLine(contentEnd: physical.next, next: physical.next)
    var offset = physical.next
    while offset < file.count {
      let physical = PhysicalLine(file, at: offset)
      let content = file.skippingSpace(from: offset, to: physical.contentEnd)
      if content == physical.contentEnd || file[content] == 0x23 {
        if content > offset { line.addGap(.space, offset) }
        if content < physical.contentEnd { line.addGap(.comment, content) }
        if physical.contentEnd < physical.next { line.addGap(.newline, physical.contentEnd) }
        offset = physical.next
        last = PhysicalLine(contentEnd: offset, next: offset)
        continue
      }
      line.addSegment(joined: joined.count, file: offset)
      let (end, isContinued) = physical.trimmingContinuation(file, from: offset, escape: escape)
      joined.append(file, from: offset, to: end)
      offset = physical.next
      guard isContinued else { return physical }
      line.addGap(.continuation, end)
      last = PhysicalLine(contentEnd: offset, next: offset)
    }
    return last
  }
}

/// One line of the file: where its content ends (before CR and LF) and where the next line starts.
struct PhysicalLine {
  let contentEnd: Int
  let next: Int

  init(contentEnd: Int, next: Int) {
    self.contentEnd = contentEnd
    self.next = next
  }

  init(_ file: Span<UInt8>, at start: Int) {
    var end: Int
    if let newline = file.firstIndex(of: 0x0A, from: start, to: file.count) {
      end = newline
      next = newline + 1
    } else {
      end = file.count
      next = file.count
    }
    while end > start, file[end - 1] == 0x0D { end -= 1 }
    contentEnd = end
  }

  /// Cuts the continuation off: an escape character that is the last thing but blanks, and has none before it.
  func trimmingContinuation(_ file: Span<UInt8>, from start: Int, escape: UInt8) -> (
    end: Int, isContinued: Bool
  ) {
    var index = contentEnd
    while index > start, file[index - 1] == 0x20 || file[index - 1] == 0x09 { index -= 1 }
    guard index > start, file[index - 1] == escape else { return (contentEnd, false) }
    if index - 1 > start, file[index - 2] == escape { return (contentEnd, false) }
    return (index - 1, true)
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ file: Span<UInt8>, from start: Int, to end: Int) {
    guard start < end else { return }
    unsafe file.extracting(start..<end).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}

extension Span<UInt8> {
  /// Whether the bytes equal an ASCII text, letter case aside.
  func equalsIgnoringCase(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    let other = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    for index in 0..<count where unsafe self[index].asciiLowercased != other[index].asciiLowercased {
      return false
    }
    return true
  }
}
