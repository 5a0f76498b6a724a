import FileTree

/// A tree that COPY reads from: the context, a stage, an image.
struct SourceTree: Sendable {
  let root: SharedDirectory
  /// What the tree's disk could not hold.
  var owners: OwnershipTable?
  /// What is not there for the build: of the context only.
  var ignore = IgnoreFile()
  /// Whether files lose their owners: those of the context do.
  var isContext: Bool

  /// Whether the build sees a path. A folder that is excluded is there if something in it is not.
  func includes(_ path: BytePath, isDirectory: Bool) throws(FileError) -> Bool {
    if ignore.isEmpty || path.isEmpty { return true }
    if !ignore.excludes(path) { return true }
    return isDirectory ? try hasIncluded(below: path) : false
  }

  private func hasIncluded(below folder: BytePath) throws(FileError) -> Bool {
    guard ignore.mayReinclude(below: folder) else { return false }
    for item in try root.directory.list(folder) {
      let path = folder.joining(item.name)
      if !ignore.excludes(path) { return true }
      let type = if let type = item.type { type } else { try root.directory.status(path).type }
      if type == .directory, try hasIncluded(below: path) { return true }
    }
    return false
  }

  /// What is at a path, links in last place followed; nil if there is nothing, or a loop of links.
  func find(_ path: BytePath) throws(FileError) -> (path: BytePath, status: FileStatus)? {
    do throws(FileError) {
      let canonical = try root.directory.resolve(path)
      guard let status = try root.directory.statusIfPresent(canonical) else { return nil }
      return (canonical, status)
    } catch {
      if error.isNotFound || error.isLoop { return nil }
      throw error
    }
  }
}

extension FileError {
  var isLoop: Bool { code == 40 }
}
