import SourceText

/// A comment that speaks to the linter, taken apart.
///
/// The forms are hadolint's: `# hadolint ignore=DL3006,SC2086 # why`, the same with `stage` or `global` before `ignore`,
/// and `# hadolint shell=/bin/bash`.
struct Pragma: Sendable {
  /// What it says.
  enum Kind: Sendable, Equatable {
    /// Leaves findings of the next instruction out, or of the next line inside an instruction.
    case ignore
    /// Leaves findings of the stage out.
    case stageIgnore
    /// Leaves findings of the file out.
    case globalIgnore
    /// Says which shell RUN uses.
    case shell(String)
  }

  /// A rule that is named.
  struct Name: Sendable {
    let text: String
    let range: ByteRange
  }

  /// Why a comment that begins like a pragma is none.
  enum Fault: Sendable, Equatable {
    /// The word behind `hadolint` is none of those that exist.
    case unknownWord(String)
    /// There is no `=`.
    case missingEquals
    /// There is nothing behind `=`.
    case missingNames
    /// There is something behind the names that is neither a name nor a comment.
    case trailingText(String)
  }

  /// What it says; nil when that cannot be read.
  let kind: Kind?
  /// The rules that are named.
  let names: [Name]
  /// Whether a reason follows behind a second `#`.
  let hasReason: Bool
  /// What is wrong with it.
  let fault: Fault?
  /// The comment, from `#` to the line's end.
  let range: ByteRange
  /// Whether hadolint reads it too: ids alone, in capitals, with commas between.
  let isStrict: Bool

  /// Reads a comment; nil when it is an ordinary one.
  init?(_ range: ByteRange, in source: Source) {
    let bytes = source.bytes(in: range)
    var cursor = Cursor(bytes: bytes)
    cursor.skip { $0 == 0x23 }
    cursor.skipBlanks()
    guard cursor.word(upTo: { !$0.isWordByte }) == "hadolint" else { return nil }
    guard cursor.skipBlanks() > 0 else { return nil }
    var word = cursor.word(upTo: { !$0.isWordByte })
    var scope = Kind.ignore
    if word == "stage" || word == "global" {
      scope = word == "stage" ? .stageIgnore : .globalIgnore
      cursor.skipBlanks()
      word = cursor.word(upTo: { !$0.isWordByte })
    }
    let isShell = word == "shell" && scope == .ignore
    guard word == "ignore" || isShell else {
      // `# hadolint is run in CI` is a sentence about the tool.
      cursor.skipBlanks()
      guard scope != .ignore || cursor.next == 0x3D, !word.isEmpty else { return nil }
      self.init(range, fault: .unknownWord(word))
      return
    }
    cursor.skipBlanks()
    guard cursor.next == 0x3D else {
      // Without `=` it may still be a sentence, unless an id follows.
      guard cursor.rest.first.map({ $0 == 0x3A || $0 == 0x44 || $0 == 0x53 }) ?? true else { return nil }
      self.init(range, fault: .missingEquals)
      return
    }
    cursor.advance()
    cursor.skipBlanks()
    if isShell {
      let shell = cursor.word(upTo: { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D })
      guard !shell.isEmpty else {
        self.init(range, fault: .missingNames)
        return
      }
      cursor.skipBlanks()
      let rest = cursor.next
      self.init(range, .shell(shell), hasReason: rest == 0x23, isStrict: rest == nil || rest == 0x23)
      return
    }
    var names: [Name] = []
    var isStrict = true
    var fault: Fault?
    while let byte = cursor.next, byte != 0x23 {
      let start = cursor.index
      let text = cursor.word(upTo: { !$0.isNameByte })
      guard !text.isEmpty else {
        fault = .trailingText(String(decoding: cursor.rest, as: UTF8.self))
        break
      }
      names.append(Name(text: text, range: ByteRange(start, cursor.index)))
      if !text.utf8.allSatisfy({ "DLSC0123456789".utf8.contains($0) }) { isStrict = false }
      cursor.skipBlanks()
      if cursor.next == 0x2C {
        cursor.advance()
        cursor.skipBlanks()
        if cursor.next == nil || cursor.next == 0x23 { isStrict = false }
      } else if cursor.next != nil, cursor.next != 0x23 {
        // Names with blanks between: meant clearly enough.
        isStrict = false
      }
    }
    if names.isEmpty, fault == nil { fault = .missingNames }
    self.init(
      range, fault == nil ? scope : nil, names: names,
      hasReason: cursor.next == 0x23
        && cursor.rest.dropFirst().contains { $0 != 0x20 && $0 != 0x09 && $0 != 0x23 },
      fault: fault, isStrict: isStrict && fault == nil)
  }

  private init(
    _ range: ByteRange, _ kind: Kind? = nil, names: [Name] = [], hasReason: Bool = false, fault: Fault? = nil,
    isStrict: Bool = false
  ) {
    self.range = range
    self.kind = kind
    self.names = names
    self.hasReason = hasReason
    self.fault = fault
    self.isStrict = isStrict
  }
}

/// A place in a comment.
private struct Cursor {
  let bytes: ArraySlice<UInt8>
  var index: Int

  init(bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  /// The next byte; nil at the end of the line.
  var next: UInt8? {
    guard index < bytes.endIndex, bytes[index] != 0x0D, bytes[index] != 0x0A else { return nil }
    return bytes[index]
  }

  var rest: ArraySlice<UInt8> { bytes[index...].prefix { $0 != 0x0D && $0 != 0x0A } }

  mutating func advance() { index += 1 }

  mutating func skip(_ matches: (UInt8) -> Bool) {
    while let byte = next, matches(byte) { index += 1 }
  }

  @discardableResult
  mutating func skipBlanks() -> Int {
    let start = index
    skip { $0 == 0x20 || $0 == 0x09 }
    return index - start
  }

  mutating func word(upTo ends: (UInt8) -> Bool) -> String {
    let start = index
    skip { !ends($0) }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }
}

extension UInt8 {
  /// Letters.
  fileprivate var isWordByte: Bool { (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7A }
  /// What ids and names of rules are made of.
  fileprivate var isNameByte: Bool {
    isWordByte || (self >= 0x30 && self <= 0x39) || self == 0x2D || self == 0x5F
  }
}
