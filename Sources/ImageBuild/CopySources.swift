import FileTree

/// Finds what one COPY or ADD reads: it looks at the source tree alone, and not at where things go.
struct CopySources {
  let operation: CopyOperation
  let source: SourceTree

  /// A source with wildcards resolved.
  enum Item {
    case object(Object)
    case document(name: [UInt8], content: [UInt8])
    /// A pattern of `--parents` that nothing matches: of this folder nothing is copied.
    case nothing(of: BytePath)

    var isDirectory: Bool {
      switch self {
      case .object(let object): object.status.isDirectory
      case .document: false
      case .nothing: true
      }
    }
  }

  /// Something in the source tree.
  struct Object {
    /// Canonical, without links.
    var path: BytePath
    var status: FileStatus
    /// As the Dockerfile names it, wildcards replaced.
    var written: BytePath
    /// With `--parents`: how many components of `written` are not made in the destination.
    var pivot: Int?

    var name: [UInt8] { Array(written.lastComponent) }
  }

  /// Everything that the sources name, in their order.
  func items() throws(BuildProblem.Kind) -> [Item] {
    var items: [Item] = []
    for source in operation.sources { try items += expand(source) }
    return items
  }

  private func expand(_ source: CopyOperation.Source) throws(BuildProblem.Kind) -> [Item] {
    switch source {
    case .document(let name, let content): return [.document(name: name, content: content)]
    // It is fetched, and copied by a step of its own: see RemoteSources.
    case .remote: return []
    case .path(let text):
      let path = BytePath(text)
      if operation.keepsParents { return try expandWithParents(path) }
      guard PathPattern.hasWildcards(path) else { return [try item(path.clampedToRoot)] }
      let pattern: PathPattern
      do throws(PatternError) {
        pattern = try PathPattern(path)
      } catch {
        throw .pattern(error)
      }
      let matches = try onFiles { () throws(FileError) in
        try pattern.expand(in: self.source.root.directory) { mayBeSeen($0) }
      }
      var items: [Item] = []
      for match in matches { try items.append(item(match)) }
      return items
    }
  }

  /// A name that cannot be looked at is no match either.
  private func mayBeSeen(_ path: BytePath) -> Bool {
    if source.isHidden(path) { return false }
    guard source.ignore.excludes(path) else { return true }
    guard let status = try? source.root.directory.status(path), status.isDirectory else { return false }
    return (try? source.includes(path, isDirectory: true)) ?? false
  }

  private func item(_ path: BytePath, pivot: Int? = nil) throws(BuildProblem.Kind) -> Item {
    let found = try onFiles { () throws(FileError) in try source.find(path) }
    guard let found else { throw .sourceNotFound(path, isIgnored: false) }
    let isSeen = try onFiles { () throws(FileError) in
      guard try source.includes(path, isDirectory: found.status.isDirectory) else { return false }
      return try source.includes(found.path, isDirectory: found.status.isDirectory)
    }
    guard isSeen else { throw .sourceNotFound(path, isIgnored: true) }
    return .object(Object(path: found.path, status: found.status, written: path, pivot: pivot))
  }

  /// Whether an object below a copied one is copied too.
  func isIncluded(
    _ path: BytePath, below relative: BytePath, _ status: FileStatus
  ) throws(FileError) -> Bool {
    guard try source.includes(path, isDirectory: status.isDirectory) else { return false }
    guard !relative.isEmpty, !operation.excluded.isEmpty else { return true }
    guard operation.excluded.excludes(relative) else { return true }
    guard status.isDirectory, operation.excluded.mayReinclude(below: relative) else { return false }
    return try hasIncluded(path, below: relative)
  }

  /// Whether something in a folder that `--exclude` excludes is taken in again.
  private func hasIncluded(_ path: BytePath, below relative: BytePath) throws(FileError) -> Bool {
    for item in try source.root.directory.list(path) {
      let inner = relative.joining(item.name)
      if !operation.excluded.excludes(inner) { return true }
      let status = try source.root.directory.status(path.joining(item.name))
      if status.isDirectory, try hasIncluded(path.joining(item.name), below: inner) { return true }
    }
    return false
  }

  // MARK: --parents

  /// The objects that a source names; its folders before `/./` are not made in the destination.
  private func expandWithParents(_ text: BytePath) throws(BuildProblem.Kind) -> [Item] {
    let bytes = text.bytes
    let mark = [UInt8.slash, .dot, .slash]
    let split = bytes.indices.first { bytes[$0...].starts(with: mark) }
    let base = BytePath(split.map { Array(bytes[..<$0]) } ?? []).clampedToRoot
    let rest = BytePath(split.map { Array(bytes[($0 + mark.count)...]) } ?? bytes).clampedToRoot
    let pivot = base.components.count
    let whole = base.joining(rest)
    guard PathPattern.hasWildcards(whole) else { return [try item(whole, pivot: pivot)] }
    let matches: [BytePath]
    if rest.components.contains([.asterisk, .asterisk]) {
      matches = try deepMatches(of: whole)
    } else {
      let pattern: PathPattern
      do throws(PatternError) {
        pattern = try PathPattern(whole)
      } catch {
        throw .pattern(error)
      }
      matches = try onFiles { () throws(FileError) in
        try pattern.expand(in: source.root.directory) { mayBeSeen($0) }
      }
    }
    var items: [Item] = []
    for match in matches { items.append(try item(match, pivot: pivot)) }
    if items.isEmpty, !PathPattern.hasWildcards(base) { return [.nothing(of: base)] }
    return items
  }

  /// The paths that match a pattern with `**` in it. What is below a folder that matches comes with it.
  private func deepMatches(of pattern: BytePath) throws(BuildProblem.Kind) -> [BytePath] {
    let rules: IgnoreFile
    do throws(IgnoreFile.SyntaxError) {
      rules = try IgnoreFile(patterns: [pattern.bytes])
    } catch {
      throw .pattern(error.reason)
    }
    var matches: [BytePath] = []
    try onFiles { () throws(FileError) in try collect(rules, in: BytePath(), &matches) }
    return matches
  }

  private func collect(
    _ rules: IgnoreFile, in folder: BytePath, _ matches: inout [BytePath]
  ) throws(FileError) {
    for item in try source.root.directory.list(folder) {
      let path = folder.joining(item.name)
      guard mayBeSeen(path) else { continue }
      if rules.verdict(path, parent: nil).isExcluded {
        matches.append(path)
      } else if try source.root.directory.status(path).isDirectory {
        try collect(rules, in: path, &matches)
      }
    }
  }
}

extension UInt8 {
  fileprivate static let asterisk = UInt8(ascii: "*")
}
