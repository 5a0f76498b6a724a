/// Expands a pattern that the shell left as it is: quoted, without a match, or with `**` in a shell that has none.
///
/// `*`, `?` and `[…]` stand for names, `**` for any number of folders, `{a,b}` for either. Names that start with a dot match
/// like all others, and what is passed over in a folder search is passed over here too.
struct GlobExpansion {
  struct Match {
    let path: InputPath
    let isFolder: Bool
  }

  private let walk: FolderWalk
  private let alternatives: [InputPath]
  private var found: Set<InputPath> = []
  private var result: [Match] = []
  /// Where the walk has been with which rest of the pattern.
  private var visited: Set<Visit> = []
  /// Folders that cannot be read.
  private(set) var failures: [(InputPath, FileFailure)] = []

  private struct Visit: Hashable {
    let path: InputPath
    let remaining: Int
  }

  private enum Part {
    case name([UInt8])
    case pattern(GlobPattern)
    case folders
  }

  /// How many patterns one with braces may stand for.
  private static let maximumAlternatives = 1024

  /// Whether a path can stand for others.
  static func isPattern(_ path: InputPath) -> Bool {
    path.bytes.contains { "*?[{".utf8.contains($0) }
  }

  /// nil when the braces stand for too many patterns.
  init?(_ pattern: InputPath, _ walk: FolderWalk) {
    self.walk = walk
    guard let alternatives = Braces.alternatives(pattern.bytes, limit: Self.maximumAlternatives) else {
      return nil
    }
    self.alternatives = alternatives.map { InputPath($0) }
  }

  /// What matches, each once, sorted for each alternative of the braces.
  mutating func matches() -> [Match] {
    for alternative in alternatives {
      visited = []
      var start = alternative.isAbsolute ? InputPath([InputPath.slash]) : .here
      var parts = Self.parts(alternative)[...]
      // What stands in front of the first pattern is walked as it is named.
      while parts.count > 1, case .name(let name)? = parts.first {
        start = start.appending(name)
        parts = parts.dropFirst()
      }
      guard let real = canonicalPath(start) else { continue }
      expand(walk.start(at: start, realPath: real), parts)
    }
    return result
  }

  private static func parts(_ path: InputPath) -> [Part] {
    var parts: [Part] = []
    for bytes in path.bytes.split(separator: InputPath.slash) where !bytes.elementsEqual(".".utf8) {
      if bytes.elementsEqual("**".utf8) {
        if case .folders? = parts.last { continue }
        parts.append(.folders)
      } else if bytes.contains(where: GlobPattern.isSpecial) {
        parts.append(.pattern(GlobPattern(bytes)))
      } else {
        parts.append(.name(Array(bytes)))
      }
    }
    return parts
  }

  /// Follows a pattern from a folder on, without recursion.
  private mutating func expand(_ start: WalkedFolder, _ parts: ArraySlice<Part>) {
    var pending: [(folder: WalkedFolder, parts: ArraySlice<Part>, depth: Int)] = [(start, parts, 0)]
    while let (start, parts, depth) = pending.popLast() {
      var folder = start
      guard let part = parts.first else { continue }
      let visit = Visit(path: folder.path, remaining: parts.count)
      guard depth <= FolderWalk.maximumDepth, visited.insert(visit).inserted else { continue }
      let rest = parts.dropFirst()
      if case .folders = part, rest.isEmpty {
        add(folder.path, isFolder: true)
        continue
      }
      let listing: FolderListing
      do throws(FileFailure) {
        listing = try walk.read(&folder, isStart: depth == 0, followsLink: true)
      } catch {
        failures.append((folder.path, error))
        continue
      }
      var steps: [(WalkedFolder, ArraySlice<Part>, Int)] = []
      if case .folders = part { steps.append((folder, rest, depth)) }
      for entry in listing.entries {
        switch part {
        case .folders:
          // Not through links, so that it ends.
          guard entry.kind == .folder, !walk.skips(folder: entry.name, in: folder) else { continue }
          steps.append((folder.child(entry.name), parts, depth + 1))
        case .name(let name):
          guard entry.name == name else { continue }
          follow(entry, folder, rest, depth, &steps)
        case .pattern(let pattern):
          guard pattern.matches(entry.name[...]) else { continue }
          follow(entry, folder, rest, depth, &steps)
        }
      }
      pending += steps.reversed()
    }
  }

  private mutating func follow(
    _ entry: FolderListing.Entry, _ folder: WalkedFolder, _ rest: ArraySlice<Part>, _ depth: Int,
    _ steps: inout [(WalkedFolder, ArraySlice<Part>, Int)]
  ) {
    let path = folder.path.appending(entry.name)
    let isFolder = entry.kind == .folder || entry.kind == .link && leadsToFolder(path)
    if isFolder {
      guard !walk.skips(folder: entry.name, in: folder) else { return }
      if rest.isEmpty {
        add(path, isFolder: true)
      } else if entry.kind == .folder {
        steps.append((folder.child(entry.name), rest, depth + 1))
      } else if let real = canonicalPath(path) {
        steps.append((walk.start(at: path, realPath: real), rest, depth + 1))
      }
    } else if rest.isEmpty, !walk.skips(file: entry.name, in: folder) {
      add(path, isFolder: false)
    }
  }

  private func leadsToFolder(_ path: InputPath) -> Bool {
    do throws(FileFailure) { return try fileKind(path) == .folder } catch { return false }
  }

  private mutating func add(_ path: InputPath, isFolder: Bool) {
    if found.insert(path).inserted { result.append(Match(path: path, isFolder: isFolder)) }
  }
}

/// Braces in patterns.
enum Braces {
  /// All texts that a text with braces stands for, in order; nil when there are more than the limit.
  ///
  /// Braces without a comma and those that do not close stand for themselves, as in a shell.
  static func alternatives(_ text: [UInt8], limit: Int) -> [[UInt8]]? {
    var complete: [[UInt8]] = []
    var pending: [[UInt8]] = [text]
    while let next = pending.popLast() {
      guard let (open, commas, close) = firstGroup(next) else {
        complete.append(next)
        guard complete.count <= limit else { return nil }
        continue
      }
      guard complete.count + pending.count + commas.count < limit else { return nil }
      var choices: [[UInt8]] = []
      var start = open + 1
      for end in commas + [close] {
        var choice = Array(next[..<open])
        choice += next[start..<end]
        choice += next[(close + 1)...]
        choices.append(choice)
        start = end + 1
      }
      pending += choices.reversed()
    }
    return complete
  }

  /// The first group that has a comma and an end.
  private static func firstGroup(_ text: [UInt8]) -> (open: Int, commas: [Int], close: Int)? {
    /// The groups that are open, with their commas.
    var groups: [(open: Int, commas: [Int])] = []
    var best: (open: Int, commas: [Int], close: Int)?
    var index = 0
    while index < text.count {
      switch text[index] {
      case UInt8(ascii: "\\"): index += 1
      case UInt8(ascii: "{"): groups.append((index, []))
      case UInt8(ascii: ","):
        if !groups.isEmpty { groups[groups.count - 1].commas.append(index) }
      case UInt8(ascii: "}"):
        guard let group = groups.popLast(), !group.commas.isEmpty else { break }
        if best == nil || group.open < (best?.open ?? 0) { best = (group.open, group.commas, index) }
        if groups.isEmpty { return best }
      default: break
      }
      index += 1
    }
    return best
  }
}
