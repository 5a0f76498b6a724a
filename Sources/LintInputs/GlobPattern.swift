/// A shell pattern over bytes, as git reads it (gitignore(5), "PATTERN FORMAT").
///
/// `*`, `?` and `[…]` match within one part of a path, `**` between slashes matches any number of parts. Matching is a
/// simulation of all ways at once: the time is the product of the two lengths, whatever a pattern makes of it.
struct GlobPattern: Sendable {
  private enum Token {
    case byte(UInt8)
    /// `?`
    case anyByte
    /// `[…]`
    case set(ByteSet)
    /// `*`
    case run
    /// `**` at the end: anything.
    case anything
    /// `**/`: nothing, or anything that ends with a slash.
    case folders
  }

  /// nil when the pattern is malformed; it matches nothing then, as with git.
  private let tokens: [Token]?
  /// How many tokens at the start are single bytes.
  private let literalPrefix: Int
  /// How long a text must be at least; with that a pattern longer than any path costs nothing.
  private let minimumLength: Int
  /// The text when the pattern is `*` and a text.
  private let suffix: [UInt8]?

  /// Reads a pattern.
  init(_ pattern: ArraySlice<UInt8>) {
    tokens = Self.tokens(pattern)
    let list = tokens ?? []
    literalPrefix = list.prefix { if case .byte = $0 { true } else { false } }.count
    minimumLength =
      list.count { token in
        switch token {
        case .byte, .anyByte, .set: true
        case .run, .anything, .folders: false
        }
      }
    if case .run? = list.first {
      let rest = list.dropFirst().map { token -> UInt8? in
        if case .byte(let byte) = token, byte != InputPath.slash { byte } else { nil }
      }
      suffix = rest.contains(nil) ? nil : rest.compactMap(\.self)
    } else {
      suffix = nil
    }
  }

  /// Whether a byte has a meaning of its own in patterns.
  static func isSpecial(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "\\"): true
    default: false
    }
  }

  private static func tokens(_ pattern: ArraySlice<UInt8>) -> [Token]? {
    var tokens: [Token] = []
    var index = pattern.startIndex
    /// Whether all so far stands for itself. What stands in front of the first wildcard is compared apart by git, so that
    /// `**` there counts as standing at the start of a part: `a**/b` matches `ax/y/b`.
    var isLiteral = true
    while index < pattern.endIndex {
      let byte = pattern[index]
      switch byte {
      case UInt8(ascii: "\\"):
        guard index + 1 < pattern.endIndex else { return nil }
        tokens.append(.byte(pattern[index + 1]))
        index += 2
      case UInt8(ascii: "?"):
        tokens.append(.anyByte)
        index += 1
      case UInt8(ascii: "["):
        guard let (set, end) = ByteSet.parse(pattern, from: index + 1) else { return nil }
        tokens.append(.set(set))
        index = end
      case UInt8(ascii: "*"):
        let start = index
        while index < pattern.endIndex, pattern[index] == byte { index += 1 }
        let isAtStart = isLiteral || pattern[start - 1] == InputPath.slash
        let rest = pattern[index...]
        if index - start > 1, isAtStart, rest.isEmpty {
          tokens.append(.anything)
        } else if index - start > 1, isAtStart, rest.first == InputPath.slash {
          tokens.append(.folders)
          index += 1
        } else if index - start > 1, isAtStart, rest.starts(with: [UInt8(ascii: "\\"), InputPath.slash]) {
          tokens.append(.anything)
        } else {
          tokens.append(.run)
        }
      default:
        tokens.append(.byte(byte))
        index += 1
        continue
      }
      isLiteral = false
    }
    return tokens
  }

  /// Whether the whole text matches.
  func matches(_ text: ArraySlice<UInt8>) -> Bool {
    guard let tokens else { return false }
    guard text.count >= minimumLength else { return false }
    for (token, byte) in zip(tokens.prefix(literalPrefix), text) {
      guard case .byte(byte) = token else { return false }
    }
    if literalPrefix == tokens.count { return text.count == literalPrefix }
    if let suffix {
      return text.count >= suffix.count && text.suffix(suffix.count).elementsEqual(suffix)
        && !text.dropLast(suffix.count).contains(InputPath.slash)
    }
    if case .byte(let last)? = tokens.last, text.last != last { return false }
    return simulate(tokens[literalPrefix...], text.dropFirst(literalPrefix))
  }

  private func simulate(_ tokens: ArraySlice<Token>, _ text: ArraySlice<UInt8>) -> Bool {
    // Which tokens may match next; the last place stands for the end of the pattern.
    let start = tokens.startIndex
    var states = [Bool](repeating: false, count: tokens.count + 1)
    var next = states
    func enter(_ state: Int, _ states: inout [Bool]) {
      var state = state
      // Already there means that all behind it is there too.
      while !states[state] {
        states[state] = true
        guard state < tokens.count else { return }
        switch tokens[start + state] {
        case .run, .anything, .folders: state += 1
        default: return
        }
      }
    }
    enter(0, &states)
    for byte in text {
      var isAlive = false
      for state in next.indices { next[state] = false }
      for state in 0..<tokens.count where states[state] {
        switch tokens[start + state] {
        case .byte(let expected): if byte == expected { enter(state + 1, &next) }
        case .anyByte: if byte != InputPath.slash { enter(state + 1, &next) }
        case .set(let set): if byte != InputPath.slash, set.contains(byte) { enter(state + 1, &next) }
        case .run: if byte != InputPath.slash { enter(state, &next) }
        case .anything: enter(state, &next)
        case .folders:
          // Inside of it only a slash leads out.
          next[state] = true
          if byte == InputPath.slash { enter(state + 1, &next) }
        }
        isAlive = true
      }
      guard isAlive else { return false }
      swap(&states, &next)
    }
    return states[tokens.count]
  }
}

/// A set of bytes.
struct ByteSet: Sendable {
  private var low: (UInt64, UInt64) = (0, 0)
  private var high: (UInt64, UInt64) = (0, 0)

  func contains(_ byte: UInt8) -> Bool {
    let word =
      switch byte >> 6 {
      case 0: low.0
      case 1: low.1
      case 2: high.0
      default: high.1
      }
    return word >> (byte & 63) & 1 == 1
  }

  mutating func insert(_ byte: UInt8) {
    let bit = UInt64(1) << (byte & 63)
    switch byte >> 6 {
    case 0: low.0 |= bit
    case 1: low.1 |= bit
    case 2: high.0 |= bit
    default: high.1 |= bit
    }
  }

  private mutating func invert() {
    low = (~low.0, ~low.1)
    high = (~high.0, ~high.1)
  }

  /// Reads what stands between the brackets, with the index behind the closing one; nil when it is malformed.
  static func parse(_ pattern: ArraySlice<UInt8>, from start: Int) -> (ByteSet, Int)? {
    var set = ByteSet()
    var index = start
    var isInverted = false
    if index < pattern.endIndex, pattern[index] == UInt8(ascii: "!") || pattern[index] == UInt8(ascii: "^") {
      isInverted = true
      index += 1
    }
    var isFirst = true
    /// The byte that a `-` may follow.
    var previous: UInt8?
    while index < pattern.endIndex {
      let byte = pattern[index]
      if byte == UInt8(ascii: "]"), !isFirst {
        if isInverted { set.invert() }
        return (set, index + 1)
      }
      isFirst = false
      if byte == UInt8(ascii: "-"), let lower = previous, index + 1 < pattern.endIndex,
        pattern[index + 1] != UInt8(ascii: "]")
      {
        index += 1
        if pattern[index] == UInt8(ascii: "\\") { index += 1 }
        guard index < pattern.endIndex else { return nil }
        if lower <= pattern[index] { for member in lower...pattern[index] { set.insert(member) } }
        previous = nil
        index += 1
      } else if byte == UInt8(ascii: "["), index + 1 < pattern.endIndex,
        pattern[index + 1] == UInt8(ascii: ":")
      {
        guard let end = pattern[(index + 2)...].firstIndex(of: UInt8(ascii: "]")) else { return nil }
        if end > index + 2, pattern[end - 1] == UInt8(ascii: ":") {
          guard set.insertClass(pattern[(index + 2)..<(end - 1)]) else { return nil }
          previous = nil
          index = end + 1
        } else {
          set.insert(byte)
          previous = byte
          index += 1
        }
      } else {
        if byte == UInt8(ascii: "\\") { index += 1 }
        guard index < pattern.endIndex else { return nil }
        set.insert(pattern[index])
        previous = pattern[index]
        index += 1
      }
    }
    return nil
  }

  /// Adds a class like `digit`, in the C locale; false when there is none of that name.
  private mutating func insertClass(_ name: ArraySlice<UInt8>) -> Bool {
    let isMember: (UInt8) -> Bool
    switch String(decoding: name, as: UTF8.self) {
    case "alnum": isMember = { Self.isLetter($0) || Self.isDigit($0) }
    case "alpha": isMember = Self.isLetter
    case "blank": isMember = { $0 == 0x20 || $0 == 0x09 }
    case "cntrl": isMember = { $0 < 0x20 || $0 == 0x7F }
    case "digit": isMember = Self.isDigit
    case "graph": isMember = { $0 > 0x20 && $0 < 0x7F }
    case "lower": isMember = { $0 >= 0x61 && $0 <= 0x7A }
    case "print": isMember = { $0 >= 0x20 && $0 < 0x7F }
    case "punct": isMember = { $0 > 0x20 && $0 < 0x7F && !Self.isLetter($0) && !Self.isDigit($0) }
    case "space": isMember = { $0 == 0x20 || $0 >= 0x09 && $0 <= 0x0D }
    case "upper": isMember = { $0 >= 0x41 && $0 <= 0x5A }
    case "xdigit": isMember = { Self.isDigit($0) || ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x66 }
    default: return false
    }
    for byte in UInt8.min...UInt8.max where isMember(byte) { insert(byte) }
    return true
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A }
}
