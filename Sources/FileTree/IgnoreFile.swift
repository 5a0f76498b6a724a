/// The rules of a `.dockerignore` file, or of `COPY --exclude` options.
///
/// A pattern is anchored at the root of the tree; `*` and `?` stay within a name, `**` spans folders,
/// `!` takes out of the exclusion again, and the last pattern that says something about a path or
/// about a folder above it decides. The semantics are those of moby's pattern matcher, with patterns
/// compiled when they are read, so a malformed one is reported even when nothing would reach it.
package struct IgnoreFile: Hashable, Sendable {
  /// A line that cannot be used.
  package struct SyntaxError: Error, Hashable, Sendable {
    /// Counted from 1.
    package var line: Int
    package var reason: PatternError
  }

  struct Rule: Hashable, Sendable {
    /// The pattern as it is matched: cleaned, without its `!`.
    var text: [UInt8]
    var isException: Bool
    var matcher: Matcher
    /// The components before the first one with a wildcard.
    var fixed: [[UInt8]]
    /// Whether the fixed components are all of the pattern.
    var isFixed: Bool
  }

  enum Matcher: Hashable, Sendable {
    /// Ends in `**` and has no other wildcard: whatever starts so.
    case prefix([UInt8])
    /// Starts with `**` and has no other wildcard: whatever ends so.
    case suffix([UInt8])
    case glob(Glob)
  }

  private(set) var rules: [Rule] = []

  /// No rules: nothing is excluded.
  package init() {}

  /// Reads the bytes of an ignore file.
  package init(parsing bytes: [UInt8]) throws(SyntaxError) {
    var text = bytes[...]
    if text.starts(with: [0xef, 0xbb, 0xbf]) { text = text.dropFirst(3) }
    for (index, line) in text.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
      if line.first == UInt8(ascii: "#") { continue }
      let pattern = Self.trimmed(line)
      if pattern.isEmpty { continue }
      do {
        try add(Array(pattern))
      } catch {
        throw SyntaxError(line: index + 1, reason: error)
      }
    }
  }

  /// Rules from patterns, as `COPY --exclude` gives them; the line of an error counts the patterns.
  package init(patterns: [[UInt8]]) throws(SyntaxError) {
    for (index, pattern) in patterns.enumerated() {
      let pattern = Self.trimmed(pattern[...])
      if pattern.isEmpty { continue }
      do {
        try add(Array(pattern))
      } catch {
        throw SyntaxError(line: index + 1, reason: error)
      }
    }
  }

  package var isEmpty: Bool { rules.isEmpty }

  private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0d).contains($0) }
    let head = line.drop(while: isSpace)
    guard let last = head.lastIndex(where: { !isSpace($0) }) else { return head.prefix(0) }
    return head[...last]
  }

  private mutating func add(_ line: [UInt8]) throws(PatternError) {
    var pattern = line[...]
    let isException = pattern.first == UInt8(ascii: "!")
    if isException {
      pattern = Self.trimmed(pattern.dropFirst())
      guard !pattern.isEmpty else { throw .emptyException }
    }
    var cleaned = BytePath(Array(pattern)).cleaned.bytes
    if cleaned.count > 1, cleaned.first == .slash { cleaned.removeFirst() }
    // Go checks a pattern by these rules before it is translated; a class that never ends fails.
    _ = try PathPattern.tokens(cleaned)
    let components = BytePath(cleaned).components
    let fixed = components.prefix { !$0.contains { "*?[\\".utf8.contains($0) } }
    rules.append(
      Rule(
        text: cleaned, isException: isException, matcher: try Self.matcher(cleaned),
        fixed: fixed.map { Array($0) }, isFixed: fixed.count == components.count))
  }

  private static func matcher(_ pattern: [UInt8]) throws(PatternError) -> Matcher {
    var tokens: [GlobToken] = []
    var position = 0
    var isPlain = true
    while position < pattern.count {
      let byte = pattern[position]
      position += 1
      switch byte {
      case .asterisk where position < pattern.count && pattern[position] == .asterisk:
        let start = position - 1
        position += 1
        if position < pattern.count, pattern[position] == .slash { position += 1 }
        if position == pattern.count {
          if start == 0 { return .suffix([]) }
          if isPlain { return .prefix(Array(pattern[..<start])) }
          tokens.append(.rest)
        } else if start == 0, !pattern[2...].contains(where: { "*?[]\\".utf8.contains($0) }) {
          return .suffix(Array(pattern[2...]))
        } else {
          tokens.append(.folders)
        }
        isPlain = false
      case .asterisk:
        tokens.append(.run)
        isPlain = false
      case .questionMark:
        tokens.append(.any)
        isPlain = false
      case .openBracket:
        guard let characters = CharacterClass.parse(pattern, &position), !characters.ranges.isEmpty else {
          throw .malformed(pattern: pattern)
        }
        tokens.append(.characters(characters))
        isPlain = false
      case .backslash:
        guard position < pattern.count else { throw .malformed(pattern: pattern) }
        tokens.append(.literal(pattern[position]))
        position += 1
        isPlain = false
      default:
        tokens.append(.literal(byte))
      }
    }
    return .glob(Glob(tokens))
  }
}

// MARK: - Matching

extension IgnoreFile.Rule {
  func matches(_ path: ArraySlice<UInt8>) -> Bool {
    switch matcher {
    case .prefix(let prefix): return path.starts(with: prefix)
    case .suffix(let suffix):
      if path.count >= suffix.count, path.suffix(suffix.count).elementsEqual(suffix) { return true }
      return suffix.first == .slash && path.elementsEqual(suffix.dropFirst())
    case .glob(let glob): return glob.matches(path)
    }
  }
}

extension IgnoreFile {
  /// What the rules say about a folder, to be handed to the questions about what is in it.
  package struct Verdict: Hashable, Sendable {
    package let isExcluded: Bool
    /// Per rule, whether it matches the path or a folder above it.
    fileprivate let matched: [Bool]
  }

  /// What the rules say about a canonical path whose folder got `parent` (`nil` at the root).
  package func verdict(_ path: BytePath, parent: Verdict?) -> Verdict {
    var matched: [Bool] = []
    matched.reserveCapacity(rules.count)
    var excluded = false
    for (index, rule) in rules.enumerated() {
      let hit = parent?.matched[index] == true || rule.matches(path.bytes[...])
      matched.append(hit)
      if hit { excluded = !rule.isException }
    }
    return Verdict(isExcluded: excluded, matched: matched)
  }

  /// Whether a canonical path is excluded, by itself or through a folder above it.
  package func excludes(_ path: BytePath) -> Bool {
    guard !rules.isEmpty else { return false }
    var verdict: Verdict?
    var end = 0
    for index in 0...path.bytes.count where index == path.bytes.count || path.bytes[index] == .slash {
      end = index
      verdict = self.verdict(BytePath(Array(path.bytes[..<end])), parent: verdict)
    }
    return verdict?.isExcluded ?? false
  }

  /// Whether something below an excluded folder may be taken in again, so that the folder has to be
  /// read. May say yes without need, never no wrongly.
  package func mayReinclude(below folder: BytePath) -> Bool {
    let names = folder.components
    return rules.contains { rule in
      guard rule.isException else { return false }
      let common = zip(rule.fixed, names).allSatisfy { $0.elementsEqual($1) }
      // A fixed pattern that is the folder itself, or above it, says nothing new about what is below.
      return common && !(rule.isFixed && rule.fixed.count <= names.count)
    }
  }
}
