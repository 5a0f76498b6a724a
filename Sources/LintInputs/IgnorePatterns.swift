import SourceText

/// One line of a `.gitignore` (gitignore(5)).
struct IgnorePattern: Sendable {
  /// `!`: what matches is not ignored.
  let isNegated: Bool
  /// A slash at the end: only folders match.
  private let needsFolder: Bool
  /// A slash anywhere else: the whole path below the file's folder must match, not only the name.
  private let isPath: Bool
  private let glob: GlobPattern

  /// Reads a line without its end; nil when there is no pattern in it.
  init?(line: ArraySlice<UInt8>) {
    var text = Self.withoutBlanksAtEnd(line)
    guard let first = text.first, first != UInt8(ascii: "#") else { return nil }
    isNegated = first == UInt8(ascii: "!")
    if isNegated { text = text.dropFirst() }
    needsFolder = text.last == InputPath.slash
    if needsFolder { text = text.dropLast() }
    isPath = text.contains(InputPath.slash)
    if text.first == InputPath.slash { text = text.dropFirst() }
    guard !text.isEmpty else { return nil }
    glob = GlobPattern(text)
  }

  /// Blanks at the end do not count, unless a backslash stands in front of one.
  private static func withoutBlanksAtEnd(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var end = line.startIndex
    var index = line.startIndex
    while index < line.endIndex {
      if line[index] == UInt8(ascii: "\\") {
        index = min(index + 2, line.endIndex)
        end = index
      } else {
        index += 1
        if line[index - 1] != UInt8(ascii: " ") { end = index }
      }
    }
    return line[..<end]
  }

  /// Whether a file or folder matches.
  ///
  /// - Parameters:
  ///   - path: relative to the folder of the `.gitignore`.
  ///   - name: the last part of the path.
  func matches(_ path: ArraySlice<UInt8>, name: ArraySlice<UInt8>, isFolder: Bool) -> Bool {
    guard isFolder || !needsFolder else { return false }
    return glob.matches(isPath ? path : name)
  }
}

/// The patterns of one file, or of the command line; the last one that matches decides.
struct IgnorePatterns: Sendable {
  /// How long the path of its folder is, with the slash behind it: what the patterns are not about.
  let baseLength: Int
  private let patterns: [IgnorePattern]

  init?(_ bytes: [UInt8], baseLength: Int) {
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    self.init(
      lines: bytes[start...].split(separator: 0x0A).map { line in
        // git takes a line for a C string.
        let text = line.last == 0x0D ? line.dropLast() : line
        return text.prefix { $0 != 0 }
      }, baseLength: baseLength)
  }

  /// nil when there is no pattern at all.
  init?(lines: [ArraySlice<UInt8>], baseLength: Int) {
    patterns = lines.compactMap { IgnorePattern(line: $0) }
    guard !patterns.isEmpty else { return nil }
    self.baseLength = baseLength
  }

  /// Whether something is ignored; nil when no pattern matches.
  func verdict(_ path: [UInt8], name: ArraySlice<UInt8>, isFolder: Bool) -> Bool? {
    guard path.count >= baseLength else { return nil }
    let relative = path[baseLength...]
    return patterns.last { $0.matches(relative, name: name, isFolder: isFolder) }.map { !$0.isNegated }
  }
}

/// All patterns that apply in a folder, the strongest last.
struct IgnoreRules: Sendable {
  /// Whether the folder is in a work tree of git: outside, a `.gitignore` is a file like any other.
  let isInWorkTree: Bool
  private var lists: [IgnorePatterns] = []

  static let none = IgnoreRules(isInWorkTree: false)

  init(isInWorkTree: Bool) { self.isInWorkTree = isInWorkTree }

  /// Adds what is stronger than all so far.
  mutating func add(_ patterns: IgnorePatterns?) {
    if let patterns { lists.append(patterns) }
  }

  /// Whether a file or folder is ignored, its parents aside.
  ///
  /// - Parameter path: relative to the top of the work tree.
  func isIgnored(_ path: [UInt8], name: ArraySlice<UInt8>, isFolder: Bool) -> Bool {
    for list in lists.reversed() {
      if let verdict = list.verdict(path, name: name, isFolder: isFolder) { return verdict }
    }
    return false
  }
}
