import SourceText

/// Reads a script by recursive descent over its bytes.
///
/// The grammar is that of POSIX sh with what bash adds. Where shells differ, or forgive, it follows ShellCheck's parser: what
/// that one refuses is an error here, because the rules of hadolint see nothing in a script that it refuses.
struct ShellParser {
  let bytes: [UInt8]
  /// Where to stop reading.
  var end: Int
  var index = 0
  var tokens: [ShellToken] = []
  var errors: [ShellError] = []
  var verdict = ShellVerdict.accepted
  /// Where a no-break space was taken for a blank; a place may be there twice.
  var noBreakSpaces: [UInt32] = []
  var heredocs: [ShellHeredoc] = []
  /// Here-documents whose operator has been read and whose lines come behind the next line end.
  var pending: [Int] = []
  var depth = 0
  /// Nested too deep: the rest has been passed over, and what is missing because of that is no news.
  var isCut = false
  /// Whether the blanks of Unicode are blanks, as they are for ShellCheck. To a shell they are text.
  let acceptsWideBlanks: Bool
  /// For a text that was taken from another: where each byte, and the end, stands there. Such a text has no tokens.
  let places: [UInt32]?
  /// Whether tokens are listed.
  let keepsTokens: Bool

  // What earlier looks ahead have shown, so that no byte is looked at again and again.
  /// A `(` behind a name before this offset opens no parameter list.
  var noParameterListBefore = 0
  /// A `[` before this offset opens no bracket expression.
  var noBracketsBefore = 0
  /// Braces up to this offset have been matched.
  var bracesMatchedUpTo = 0
  /// The braces that open an expansion, each with the offset of the one that closes it.
  var braceEnds: [Int: Int] = [:]
  /// How often an arithmetic expression may still turn out to be a command.
  var attempts = 64

  /// How deep commands, words and expressions may be nested.
  static let maximumDepth = 100
  /// How far the bracket of an array's index may be from the one that closes it.
  static let maximumIndexLength = 1024

  init(
    _ bytes: [UInt8], acceptsWideBlanks: Bool = false, places: [UInt32]? = nil, keepsTokens: Bool = true
  ) {
    self.bytes = bytes
    self.acceptsWideBlanks = acceptsWideBlanks
    self.places = places
    self.keepsTokens = keepsTokens && places == nil
    end = bytes.count
    // About what a script has, so that the arrays need not grow step by step.
    if self.keepsTokens { tokens.reserveCapacity(bytes.count / 3) }
  }

  // MARK: Reading

  /// The byte at an offset from here; 0 behind the end.
  func peek(_ offset: Int = 0) -> UInt8 {
    index + offset < end ? bytes[index + offset] : 0
  }

  /// The byte at an offset of the text; 0 behind the end.
  func byte(_ offset: Int) -> UInt8 {
    offset < end ? bytes[offset] : 0
  }

  var isAtEnd: Bool { index >= end }

  func isAt(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard index + count <= end else { return false }
    return text.withUTF8Buffer { buffer in
      for offset in 0..<count {
        if unsafe buffer[offset] != bytes[index + offset] { return false }
      }
      return true
    }
  }

  /// Puts out a token from here to an offset, and goes there.
  mutating func take(_ kind: ShellTokenKind, to next: Int) {
    guard next > index else { return }
    if keepsTokens { tokens.append(ShellToken(kind: kind, start: UInt32(truncatingIfNeeded: index))) }
    index = next
  }

  mutating func take(_ kind: ShellTokenKind, count: Int) {
    take(kind, to: min(end, index + count))
  }

  // MARK: Places

  /// The place of a byte.
  func place(_ offset: Int) -> UInt32 {
    if let places { return places[min(offset, places.count - 1)] }
    return UInt32(truncatingIfNeeded: offset)
  }

  func range(_ start: Int, _ end: Int) -> ByteRange { ByteRange(place(start), place(end)) }

  /// From an offset to here.
  func range(from start: Int) -> ByteRange { range(start, index) }

  func string(_ start: Int, _ end: Int) -> String { String(decoding: bytes[start..<end], as: UTF8.self) }

  // MARK: Errors

  mutating func fail(_ kind: ShellError.Kind, from start: Int? = nil) {
    guard !isCut else { return }
    errors.append(
      ShellError(kind: kind, range: range(start ?? index, start == nil ? min(index + 1, end) : index)))
    if verdict == .accepted { verdict = .refused }
  }

  /// Something stands here that belongs to nothing: a strict reader stops, without refusing what it has.
  private mutating func stop() {
    guard !isCut else { return }
    if verdict == .accepted { verdict = .stopped(place(index)) }
    errors.append(ShellError(kind: .unexpected, range: range(index, min(index + 1, end))))
  }

  /// Goes one level down; false when that is too deep: then the rest of the text is passed over.
  mutating func enter() -> Bool {
    depth += 1
    guard depth > Self.maximumDepth else { return true }
    fail(.nestedTooDeep)
    isCut = true
    take(.unexpected, to: end)
    return false
  }

  mutating func leave() { depth -= 1 }

  // MARK: The script

  /// All of the text.
  mutating func script() -> ShellList {
    let start = index
    if isAt("#!") { take(.comment, to: lineEnd(from: index)) }
    skipLines()
    var result = ShellList(range: range(start, start), statements: [])
    while true {
      let part = list()
      result.statements += part.statements
      if isAtEnd { break }
      stop()
      takeUnexpected()
      skipLines()
    }
    if let first = result.statements.first, let last = result.statements.last {
      result.range = first.range.union(last.range)
    }
    readHeredocs()
    return result
  }

  /// Passes over what cannot be read: a comment, an operator of one character or a reserved word.
  mutating func takeUnexpected() {
    if peek() == 0x23 {
      take(.comment, to: lineEnd(from: index))
    } else {
      var next = index + 1
      if byte(index).isASCIILetter {
        while next < end, byte(next).isASCIILetter { next += 1 }
      }
      take(.unexpected, to: next)
    }
  }

  // MARK: Blanks

  func lineEnd(from start: Int) -> Int {
    var offset = start
    while offset < end, bytes[offset] != 0x0A { offset += 1 }
    if offset > start, offset < end, bytes[offset - 1] == 0x0D { offset -= 1 }
    return offset
  }

  /// Whether a line ends at an offset.
  func isLineEnd(_ offset: Int) -> Bool {
    byte(offset) == 0x0A || byte(offset) == 0x0D && byte(offset + 1) == 0x0A
  }

  var isAtLineEnd: Bool { isLineEnd(index) }

  /// Passes over blanks, continuations and one comment.
  ///
  /// - Returns: whether there was a blank or a continuation.
  @discardableResult
  mutating func skipBlanks() -> Bool {
    let start = index
    while !isAtEnd {
      var next = index
      while byte(next) == 0x20 || byte(next) == 0x09 || acceptsWideBlanks && wideBlank(next) > 0 {
        if byte(next) == 0xC2 { noBreakSpaces.append(UInt32(truncatingIfNeeded: next)) }
        next += max(1, wideBlank(next))
      }
      if next > index {
        take(.blank, to: next)
      } else if peek() == 0x5C, peek(1) == 0x0A {
        take(.continuation, count: 2)
      } else {
        break
      }
    }
    let hasBlank = index > start
    if peek() == 0x23, !isAtDirective { take(.comment, to: lineEnd(from: index)) }
    return hasBlank
  }

  /// How many bytes the blank outside ASCII has that stands at an offset; 0 when there is none.
  func wideBlank(_ offset: Int) -> Int {
    switch (byte(offset), byte(offset + 1), byte(offset + 2)) {
    case (0xC2, 0xA0, _): 2
    case (0xE2, 0x80, 0x82...0x89), (0xE2, 0x80, 0x8B), (0xE2, 0x80, 0xAF): 3
    default: 0
    }
  }

  /// Passes over blanks, comments and line ends.
  ///
  /// - Returns: whether there was anything but a comment.
  @discardableResult
  mutating func skipLines() -> Bool {
    var hasSpace = skipBlanks()
    while isAtLineEnd {
      newline()
      skipBlanks()
      hasSpace = true
    }
    return hasSpace
  }

  /// Takes a line end, and the here-documents that start behind it.
  mutating func newline() {
    take(.newline, count: peek() == 0x0D ? 2 : 1)
    readHeredocs()
  }

  /// Whether a comment with a directive to ShellCheck starts here.
  var isAtDirective: Bool {
    guard peek() == 0x23 else { return false }
    var offset = index + 1
    while byte(offset) == 0x20 || byte(offset) == 0x09 { offset += 1 }
    var name = "shellcheck".utf8.makeIterator()
    while let expected = name.next() {
      if byte(offset) != expected { return false }
      offset += 1
    }
    return true
  }

  // MARK: Trying

  /// A state to go back to.
  struct Mark {
    let index: Int
    let end: Int
    let tokens: Int
    let errors: Int
    let heredocs: Int
    let pending: [Int]
    let verdict: ShellVerdict
    let depth: Int
    let isCut: Bool
  }

  var mark: Mark {
    Mark(
      index: index, end: end, tokens: tokens.count, errors: errors.count, heredocs: heredocs.count,
      pending: pending,
      verdict: verdict, depth: depth, isCut: isCut)
  }

  mutating func goBack(to mark: Mark) {
    index = mark.index
    end = mark.end
    tokens.removeSubrange(mark.tokens...)
    errors.removeSubrange(mark.errors...)
    heredocs.removeSubrange(mark.heredocs...)
    pending = mark.pending
    verdict = mark.verdict
    depth = mark.depth
    isCut = mark.isCut
  }
}

extension UInt8 {
  /// Whether a name may start with the byte.
  var isNameStart: Bool { isASCIILetter || self == 0x5F }
  /// Whether the byte may stand in a name.
  var isNamePart: Bool { isNameStart || isASCIIDigit }
}
