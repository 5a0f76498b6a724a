import Glibc

/// A wildcard path as COPY and ADD take it: `*`, `?`, `[a-z]`, `[^a]` and `\` in each component, by
/// the rules of Go's `filepath.Match`. No wildcard crosses a `/`, and `**` is `*`.
package struct PathPattern: Hashable, Sendable {
  private let components: [Glob]

  /// Compiles a pattern. It is taken relative to the root, with `.` and `..` resolved lexically.
  package init(_ pattern: BytePath) throws(PatternError) {
    var components: [Glob] = []
    for component in pattern.clampedToRoot.components {
      components.append(Glob(try Self.tokens(Array(component))))
    }
    self.components = components
  }

  /// Whether a path has anything in it that ``init(_:)`` would treat as a wildcard or an escape.
  package static func hasWildcards(_ path: BytePath) -> Bool {
    path.bytes.contains { $0 == .asterisk || $0 == .questionMark || $0 == .openBracket || $0 == .backslash }
  }

  static func tokens(_ bytes: [UInt8]) throws(PatternError) -> [GlobToken] {
    var tokens: [GlobToken] = []
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case .asterisk:
        if tokens.last != .run { tokens.append(.run) }
      case .questionMark:
        tokens.append(.any)
      case .openBracket:
        guard let characters = CharacterClass.parse(bytes, &position) else {
          throw .malformed(pattern: bytes)
        }
        tokens.append(.characters(characters))
      case .backslash:
        guard position < bytes.count else { throw .malformed(pattern: bytes) }
        tokens.append(.literal(bytes[position]))
        position += 1
      default:
        tokens.append(.literal(byte))
      }
    }
    return tokens
  }

  /// Whether the pattern matches a canonical path as a whole.
  package func matches(_ path: BytePath) -> Bool {
    let names = path.components
    return names.count == components.count
      && zip(components, names).allSatisfy { $0.matches($1) }
  }

  /// The paths that match below a folder, in tree order.
  ///
  /// Components before the first wildcard are followed through links; behind it only folders are
  /// entered, so that a link cannot make a path appear twice. No match is no error.
  /// - Parameter including: asked before a name is taken or entered; say no to hide it.
  package func expand(
    in directory: borrowing Directory, including: (BytePath) -> Bool = { _ in true }
  ) throws(FileError) -> [BytePath] {
    let plain = components.prefix { $0.literal != nil }
    var base = BytePath()
    for component in plain { base = base.joining(component.literal ?? []) }
    guard plain.count < components.count else {
      let found = try Self.present(directory, base)
      return found != nil && including(base) ? [base] : []
    }
    guard try Self.present(directory, base, followingLink: true)?.isDirectory == true else { return [] }
    var matches: [BytePath] = []
    try expand(directory, base, components[plain.count...], including, &matches)
    return matches
  }

  private func expand(
    _ directory: borrowing Directory, _ folder: BytePath, _ rest: ArraySlice<Glob>,
    _ including: (BytePath) -> Bool, _ matches: inout [BytePath]
  ) throws(FileError) {
    guard let first = rest.first else { return }
    let below = rest.dropFirst()
    for item in try directory.list(folder) where first.matches(item.name[...]) {
      let path = folder.joining(item.name)
      if below.isEmpty {
        if including(path) { matches.append(path) }
        continue
      }
      var isFolder = item.type == .directory
      if item.type == nil { isFolder = try directory.statusIfPresent(path)?.isDirectory == true }
      if isFolder { try expand(directory, path, below, including, &matches) }
    }
  }

  private static func present(
    _ directory: borrowing Directory, _ path: BytePath, followingLink: Bool = false
  ) throws(FileError) -> FileStatus? {
    do {
      return try directory.status(path, followingLink: followingLink)
    } catch {
      if error.isNotFound { return nil }
      throw error
    }
  }
}
