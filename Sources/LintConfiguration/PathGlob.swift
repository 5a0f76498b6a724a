/// A pattern for paths below a folder, as ignore files write them: `*` and `?` within a name, `**` for any number of folders,
/// `[a-z]` for one byte of a set. Without a slash it matches names at any depth; a folder that matches stands for all in it.
package struct PathGlob: Sendable, Equatable {
  private enum Segment: Sendable, Equatable {
    case anyFolders
    case name([UInt8])
  }
  private let segments: [Segment]
  /// Whether a file may match by its own name; a pattern with a slash at its end means folders alone.
  private let matchesFiles: Bool

  /// Takes a pattern; nil for an empty one and for one that starts with `!`.
  package init?(_ pattern: String) {
    var bytes = Array(pattern.utf8)[...]
    guard let first = bytes.first, first != 0x21 else { return nil }
    matchesFiles = bytes.last != 0x2F
    let isHere = bytes.starts(with: [0x2E, 0x2F])
    if isHere { bytes.removeFirst(2) }
    while bytes.last == 0x2F { bytes.removeLast() }
    let isAnchored = isHere || bytes.contains(0x2F)
    let names = bytes.split(separator: 0x2F)
    guard !names.isEmpty else { return nil }
    var segments: [Segment] = isAnchored ? [] : [.anyFolders]
    for name in names {
      if !name.elementsEqual([0x2A, 0x2A]) {
        segments.append(.name(Array(name)))
      } else if segments.last != .anyFolders {
        segments.append(.anyFolders)
      }
    }
    // `a/**` is what is in `a`: at least one name. A folder that matches stands for all in it.
    if segments.count > 1, segments.last == .anyFolders { segments[segments.count - 1] = .name([0x2A]) }
    self.segments = segments
  }

  /// Whether the pattern matches a file, given by its path below the folder, or a folder that the file is in.
  package func matches(_ path: String) -> Bool {
    let names = path.utf8.split(separator: 0x2F).map(Array.init)
    // All prefixes at once: `reached[s]` says that the first `s` segments match the names so far.
    var reached = [Bool](repeating: false, count: segments.count + 1)
    reached[0] = true
    skipFolders(&reached)
    for (index, name) in names.enumerated() {
      var next = [Bool](repeating: false, count: segments.count + 1)
      for (position, segment) in segments.enumerated() where reached[position] {
        switch segment {
        case .anyFolders: next[position] = true
        case .name(let pattern): if Self.matches(pattern, name) { next[position + 1] = true }
        }
      }
      skipFolders(&next)
      let isFile = index == names.count - 1
      if next[segments.count], matchesFiles || !isFile { return true }
      reached = next
    }
    return false
  }

  /// `**` also stands for no folder at all.
  private func skipFolders(_ reached: inout [Bool]) {
    for (position, segment) in segments.enumerated() where reached[position] && segment == .anyFolders {
      reached[position + 1] = true
    }
  }

  /// Whether a name matches: after the last `*` alone is gone back to, so the time is at most their product.
  private static func matches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
    var (at, position) = (0, 0)
    var star: (at: Int, position: Int)?
    while position < name.count {
      if at < pattern.count, pattern[at] == 0x2A {
        star = (at, position)
        at += 1
      } else if at < pattern.count, let end = element(pattern, at, matching: name[position]) {
        at = end
        position += 1
      } else if let last = star {
        star = (last.at, last.position + 1)
        (at, position) = (last.at + 1, last.position + 1)
      } else {
        return false
      }
    }
    return pattern[at...].allSatisfy { $0 == 0x2A }
  }

  /// Where the pattern goes on when its element at an index matches a byte; nil when it does not match.
  private static func element(_ pattern: [UInt8], _ at: Int, matching byte: UInt8) -> Int? {
    switch pattern[at] {
    case 0x3F: return at + 1
    case 0x5C where at + 1 < pattern.count: return pattern[at + 1] == byte ? at + 2 : nil
    case 0x5B:
      guard let close = pattern[(at + 1)...].dropFirst().firstIndex(of: 0x5D) else { break }
      var set = pattern[(at + 1)..<close]
      let isNegated = set.first == 0x21 || set.first == 0x5E
      if isNegated { set.removeFirst() }
      var isIn = false
      while let lower = set.popFirst() {
        if set.count >= 2, set.first == 0x2D {
          set.removeFirst()
          if let upper = set.popFirst() { isIn = isIn || (lower <= byte && byte <= upper) }
        } else {
          isIn = isIn || lower == byte
        }
      }
      return isIn != isNegated ? close + 1 : nil
    default: break
    }
    return pattern[at] == byte ? at + 1 : nil
  }
}

/// Patterns with the folder that they are relative to.
package struct PathGlobs: Sendable, Equatable {
  /// The folder, absolute.
  let folder: String
  let globs: [PathGlob]

  /// Whether one of the patterns matches a file, given by its absolute path.
  func match(_ path: String) -> Bool {
    guard let relative = FilePath.relative(path, to: folder) else { return false }
    return globs.contains { $0.matches(relative) }
  }
}
