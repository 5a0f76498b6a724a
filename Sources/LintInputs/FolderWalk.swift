/// A folder on the way of a search, with the ignore rules that hold in it.
struct WalkedFolder: Sendable {
  /// As the user reaches it.
  let path: InputPath
  /// Absolute, without links.
  let realPath: InputPath
  /// The rules, those of the folder's own `.gitignore` not among them until it has been read.
  fileprivate(set) var rules: IgnoreRules
  /// How many bytes of real paths lead to the top of the work tree, with the slash.
  fileprivate var rootLength: Int

  /// What lies in it.
  func child(_ name: [UInt8]) -> WalkedFolder {
    WalkedFolder(
      path: path.appending(name), realPath: realPath.appending(name), rules: rules, rootLength: rootLength)
  }

  /// The path of something in the folder as ignore patterns see it.
  fileprivate func treePath(_ name: [UInt8]) -> [UInt8] {
    Array(realPath.appending(name).bytes.dropFirst(rootLength))
  }

  /// Whether something in it is ignored by git.
  func ignores(_ name: [UInt8], isFolder: Bool) -> Bool {
    rules.isInWorkTree && rules.isIgnored(treePath(name), name: name[...], isFolder: isFolder)
  }
}

/// Walks folders: reads them, and knows what is left out.
struct FolderWalk: Sendable {
  let obeysIgnoreFiles: Bool
  let environment: GitEnvironment
  /// What the user leaves out.
  let exclusion: Exclusion

  /// How deep folders are searched below the one that was named. Paths have an end before that; this bounds what a file
  /// system made for the purpose can do.
  static let maximumDepth = 200

  /// A folder that the user named, with the rules from the top of its work tree down to it.
  func start(at path: InputPath, realPath: InputPath) -> WalkedFolder {
    var folder = WalkedFolder(path: path, realPath: realPath, rules: .none, rootLength: 1)
    guard obeysIgnoreFiles, let tree = GitWorkTree(holding: realPath) else { return folder }
    enter(tree, &folder)
    // The folder's own file is read when the folder is.
    var offset = folder.rootLength
    while offset <= realPath.bytes.count {
      let above = InputPath(realPath.bytes[..<max(1, offset - 1)])
      folder.rules.add(GitWorkTree.patterns(in: above, baseLength: offset - folder.rootLength))
      guard let slash = realPath.bytes[offset...].firstIndex(of: InputPath.slash) else { break }
      offset = slash + 1
    }
    return folder
  }

  private func enter(_ tree: GitWorkTree, _ folder: inout WalkedFolder) {
    folder.rules = tree.rules(environment)
    folder.rootLength = tree.root.bytes.count + (tree.root.bytes == [InputPath.slash] ? 0 : 1)
  }

  /// Reads a folder, and the ignore file in it.
  ///
  /// - Parameter isStart: whether the walk started there, so that the rules from outside are right.
  func read(
    _ folder: inout WalkedFolder, isStart: Bool, followsLink: Bool
  ) throws(FileFailure) -> FolderListing {
    let listing = try FolderListing(folder.path, followsLink: followsLink)
    guard obeysIgnoreFiles else { return listing }
    // A repository inside another one has its own rules, and those outside do not hold in it.
    if !isStart, listing.contains(".git"), let tree = GitWorkTree(at: folder.realPath) {
      enter(tree, &folder)
    }
    if folder.rules.isInWorkTree, listing.contains(".gitignore") {
      let length = folder.realPath.bytes.count + 1 - folder.rootLength
      folder.rules.add(GitWorkTree.patterns(in: folder.path, baseLength: max(0, length)))
    }
    return listing
  }

  /// Whether a search does not go into a folder.
  func skips(folder name: [UInt8], in folder: WalkedFolder) -> Bool {
    if name.elementsEqual(".git".utf8) { return true }
    // What npm installs is nobody's own, in a work tree or not.
    if obeysIgnoreFiles, name.elementsEqual("node_modules".utf8) { return true }
    return folder.ignores(name, isFolder: true)
      || exclusion.excludes(folder.realPath.appending(name), isFolder: true)
  }

  /// Whether a search passes over a file.
  func skips(file name: [UInt8], in folder: WalkedFolder) -> Bool {
    folder.ignores(name, isFolder: false)
      || exclusion.excludes(folder.realPath.appending(name), isFolder: false)
  }

  /// Whether something can be linted at all: an ordinary file, or a link to one.
  func isOrdinaryFile(_ entry: FolderListing.Entry, in folder: WalkedFolder) -> Bool {
    switch entry.kind {
    case .file: return true
    case .folder, .other: return false
    case .link:
      do throws(FileFailure) { return try fileKind(folder.path.appending(entry.name)) == .file } catch {
        return false
      }
    }
  }
}

/// What `--exclude` leaves out: patterns like those of a `.gitignore` in the current folder.
package struct Exclusion: Sendable {
  private let patterns: IgnorePatterns?
  /// The current folder with a slash behind it.
  private let base: [UInt8]

  /// - Parameter folder: the current folder, absolute and without links.
  package init(_ patterns: [String], in folder: InputPath) {
    self.patterns = IgnorePatterns(lines: patterns.map { Array($0.utf8)[...] }, baseLength: 0)
    base = folder.bytes.last == InputPath.slash ? folder.bytes : folder.bytes + [InputPath.slash]
  }

  /// Whether something is left out, its parents aside. What lies outside of the current folder is matched by its whole path.
  func excludes(_ realPath: InputPath, isFolder: Bool) -> Bool {
    guard let patterns else { return false }
    let path = relative(realPath)
    let name = path.lastIndex(of: InputPath.slash).map { path[($0 + 1)...] } ?? path
    return patterns.verdict(Array(path), name: name, isFolder: isFolder) ?? false
  }

  /// Whether a file is left out, by itself or because a folder above it is.
  func excludesWithParents(_ realPath: InputPath) -> Bool {
    guard patterns != nil else { return false }
    let start = realPath.bytes.starts(with: base) ? base.count : 1
    for (index, byte) in realPath.bytes.enumerated() where byte == InputPath.slash && index > start {
      if excludes(InputPath(realPath.bytes[..<index]), isFolder: true) { return true }
    }
    return excludes(realPath, isFolder: false)
  }

  private func relative(_ realPath: InputPath) -> ArraySlice<UInt8> {
    realPath.bytes.starts(with: base) ? realPath.bytes[base.count...] : realPath.bytes.dropFirst()
  }
}
