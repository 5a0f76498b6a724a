/// Why a pattern cannot be used.
package enum PatternError: Error, Hashable, Sendable {
  /// A `[` without its `]`, an empty class or range, or a `\` at the end.
  case malformed(pattern: [UInt8])
  /// An exception mark with nothing after it.
  case emptyException
}

/// A bracket expression: `[a-z]`, `[^a]`, with `\` taking the next character literally.
struct CharacterClass: Hashable, Sendable {
  var negated = false
  var ranges: [ClosedRange<UInt32>] = []

  func contains(_ scalar: UInt32) -> Bool {
    ranges.contains { $0.contains(scalar) } != negated
  }

  /// Parses what follows the `[` at `position - 1`, by the rules of Go's `filepath.Match`: the class
  /// holds at least one range, and `]` and `-` stand for themselves only after a `\`.
  static func parse(_ bytes: [UInt8], _ position: inout Int) -> CharacterClass? {
    var result = CharacterClass()
    if position < bytes.count, bytes[position] == UInt8(ascii: "^") {
      result.negated = true
      position += 1
    }
    var count = 0
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "]"), count > 0 {
        position += 1
        return result
      }
      guard let low = character(bytes, &position) else { return nil }
      var high = low
      if position < bytes.count, bytes[position] == UInt8(ascii: "-") {
        position += 1
        guard let end = character(bytes, &position) else { return nil }
        high = end
      }
      // A range that runs backwards is well formed and holds nothing.
      if low <= high { result.ranges.append(low...high) }
      count += 1
    }
    return nil
  }

  private static func character(_ bytes: [UInt8], _ position: inout Int) -> UInt32? {
    guard position < bytes.count, bytes[position] != UInt8(ascii: "-"), bytes[position] != UInt8(ascii: "]")
    else { return nil }
    if bytes[position] == .backslash {
      position += 1
      guard position < bytes.count else { return nil }
    }
    let (scalar, length) = decodeScalar(bytes[...], at: position)
    position += length
    return scalar
  }
}

/// The scalar at an index and its length in bytes; a byte that starts no well-formed UTF-8 sequence
/// stands alone as U+FFFD, as Go decodes it.
func decodeScalar(_ bytes: ArraySlice<UInt8>, at index: Int) -> (scalar: UInt32, length: Int) {
  let first = bytes[index]
  if first < 0x80 { return (UInt32(first), 1) }
  let length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
  let invalid: (UInt32, Int) = (0xfffd, 1)
  guard length > 0, first < 0xf5, index + length <= bytes.endIndex else { return invalid }
  var scalar = UInt32(first) & (0x7f >> UInt32(length))
  for offset in 1..<length {
    let byte = bytes[index + offset]
    guard byte & 0xc0 == 0x80 else { return invalid }
    scalar = scalar << 6 | UInt32(byte & 0x3f)
  }
  guard Unicode.Scalar(scalar) != nil, length < 3 || scalar >= (length == 3 ? 0x800 : 0x10000) else {
    return invalid
  }
  return (scalar, length)
}

extension UInt8 {
  static let backslash = UInt8(ascii: "\\")
  static let asterisk = UInt8(ascii: "*")
  static let questionMark = UInt8(ascii: "?")
  static let openBracket = UInt8(ascii: "[")
}

/// One step of a compiled pattern.
enum GlobToken: Hashable, Sendable {
  case literal(UInt8)
  /// `?`: one character other than `/`.
  case any
  case characters(CharacterClass)
  /// `*`: any run without `/`.
  case run
  /// `**/` inside a pattern: nothing, or anything that ends in `/`.
  case folders
  /// `**` at the end: anything.
  case rest
}

/// A compiled pattern, matched by following all ways at once: time is the product of the lengths,
/// whatever the pattern.
struct Glob: Hashable, Sendable {
  var tokens: [GlobToken]
  /// Set where the pattern is plain text, which is compared as it is.
  private let text: [UInt8]?

  init(_ tokens: [GlobToken]) {
    self.tokens = tokens
    var text: [UInt8] = []
    for case .literal(let byte) in tokens { text.append(byte) }
    self.text = text.count == tokens.count ? text : nil
  }

  /// The plain text that the pattern is, if it is that.
  var literal: [UInt8]? { text }

  func matches(_ subject: ArraySlice<UInt8>) -> Bool {
    if let text { return subject.elementsEqual(text) }
    if case .literal(let first)? = tokens.first, subject.first != first { return false }
    // State 2i: about to match token i. State 2i+1: inside the folders that token i swallows.
    var current = [Bool](repeating: false, count: 2 * tokens.count + 1)
    var next = current
    enter(0, &current)
    var index = subject.startIndex
    while index < subject.endIndex {
      let (scalar, length) = decodeScalar(subject, at: index)
      // Inside a multi-byte character only literals and runs take single bytes.
      for state in next.indices { next[state] = false }
      var alive = false
      if length == 1 {
        step(current, byte: subject[index], scalar: scalar, &next, &alive)
      } else {
        alive = stepWide(current, subject[index..<(index + length)], scalar, &next)
      }
      guard alive else { return false }
      swap(&current, &next)
      index += length
    }
    return current[2 * tokens.count]
  }

  /// Marks token `index` as due, and those behind it that may match nothing.
  private func enter(_ index: Int, _ states: inout [Bool]) {
    var index = index
    while !states[2 * index] {
      states[2 * index] = true
      guard index < tokens.count else { return }
      switch tokens[index] {
      case .run, .folders, .rest: index += 1
      case .literal, .any, .characters: return
      }
    }
  }

  private func step(
    _ current: [Bool], byte: UInt8, scalar: UInt32, _ next: inout [Bool], _ alive: inout Bool
  ) {
    for index in tokens.indices {
      if current[2 * index + 1] {
        next[2 * index + 1] = true
        if byte == .slash { enter(index + 1, &next) }
        alive = true
      }
      guard current[2 * index] else { continue }
      let moves: Bool
      switch tokens[index] {
      case .literal(let expected): moves = byte == expected
      case .any: moves = byte != .slash
      case .characters(let characters): moves = characters.contains(scalar)
      case .run:
        moves = false
        if byte != .slash {
          enter(index, &next)
          alive = true
        }
      case .rest:
        moves = false
        enter(index, &next)
        alive = true
      case .folders:
        moves = byte == .slash
        next[2 * index + 1] = true
        alive = true
      }
      if moves {
        enter(index + 1, &next)
        alive = true
      }
    }
  }

  /// A character of several bytes: `?` and classes take it whole, literals byte by byte.
  private func stepWide(
    _ current: [Bool], _ bytes: ArraySlice<UInt8>, _ scalar: UInt32, _ next: inout [Bool]
  ) -> Bool {
    var alive = false
    for index in tokens.indices {
      if current[2 * index + 1] {
        next[2 * index + 1] = true
        alive = true
      }
      guard current[2 * index] else { continue }
      switch tokens[index] {
      case .literal:
        let end = index + bytes.count
        guard end <= tokens.count, zip(tokens[index..<end], bytes).allSatisfy({ $0 == .literal($1) })
        else { continue }
        enter(end, &next)
      case .any: enter(index + 1, &next)
      case .characters(let characters):
        guard characters.contains(scalar) else { continue }
        enter(index + 1, &next)
      case .run, .rest: enter(index, &next)
      case .folders: next[2 * index + 1] = true
      }
      alive = true
    }
    return alive
  }
}
