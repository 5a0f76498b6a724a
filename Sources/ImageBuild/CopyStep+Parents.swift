import FileTree

// COPY --parents: the folders of a source are made in the destination.
extension CopyStep {
  /// The objects that a source names; its folders before `/./` are not made in the destination.
  func expandWithParents(_ text: BytePath) throws(BuildProblem.Kind) -> [Item] {
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

  /// Makes the folders above an object in the destination, as they are in the source, and tells where it goes.
  mutating func placeWithParents(_ object: Object) throws(BuildProblem.Kind) -> BytePath {
    let top = try resolvedDestination()
    if let existing = try status(at: top), !existing.isDirectory {
      throw .destinationNotFolder(operation.destination)
    }
    let components = object.written.components
    let pivot = min(object.pivot ?? 0, components.count)
    if object.status.isDirectory, pivot == components.count {
      _ = try makeFolders(top.parent)
      return top
    }
    _ = try makeFolders(top)
    var written = BytePath(Array(components[..<pivot].joined(separator: [.slash])))
    var place = top
    for component in components[pivot...].dropLast() {
      written = written.joining(component)
      place = place.joining(component)
      guard try status(at: place) == nil else { continue }
      let folder = try onFiles { () throws(FileError) in try source.find(written) }
      _ = try makeFolders(place)
      guard let folder else { continue }
      var status = folder.status
      if let owners = source.owners { (status, _) = owners.applying(to: status, [], at: folder.path) }
      madeFolders[place] = ObjectMetadata(
        type: .directory, permissions: status.permissions,
        owner: owner ?? (source.isContext ? .root : status.owner), modified: status.modified)
    }
    return place.joining(components.last ?? [])
  }
}

extension UInt8 {
  fileprivate static let asterisk = UInt8(ascii: "*")
}
