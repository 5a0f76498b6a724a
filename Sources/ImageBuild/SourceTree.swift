import FileTree
import Glibc

/// A tree that COPY reads from: the context, a stage, an image.
struct SourceTree: Sendable {
  let root: SharedDirectory
  /// What the tree's disk could not hold.
  var owners: OwnershipTable?
  /// What is not there for the build: of the context only.
  var ignore = IgnoreFile()
  /// Whether files lose their owners: those of the context do.
  var isContext: Bool
  /// Folders that are never seen: the store, in a context that it lies in, would be copied into itself.
  var hidden: [BytePath] = []

  /// Whether the build sees a path. A folder that is excluded is there if something in it is not.
  func includes(_ path: BytePath, isDirectory: Bool) throws(FileError) -> Bool {
    if isHidden(path) { return false }
    if ignore.isEmpty || path.isEmpty { return true }
    if !ignore.excludes(path) { return true }
    return isDirectory ? try hasIncluded(below: path) : false
  }

  /// Whether a path is that of a hidden folder, or below one.
  func isHidden(_ path: BytePath) -> Bool {
    hidden.contains { folder in
      path.bytes.starts(with: folder.bytes)
        && (path.bytes.count == folder.bytes.count || path.bytes[folder.bytes.count] == 0x2F)
    }
  }

  /// Whether everything is seen that is there.
  var isComplete: Bool { ignore.isEmpty && hidden.isEmpty }

  /// Whether the build sees all that is below a folder. False where only a longer look would tell.
  func includesAll(below folder: BytePath) throws(FileError) -> Bool {
    if isComplete { return true }
    for item in try root.directory.list(folder) {
      let path = folder.joining(item.name)
      if isHidden(path) || ignore.excludes(path) { return false }
      let type = if let type = item.type { type } else { try root.directory.status(path).type }
      if type == .directory, try !includesAll(below: path) { return false }
    }
    return true
  }

  private func hasIncluded(below folder: BytePath) throws(FileError) -> Bool {
    guard ignore.mayReinclude(below: folder) else { return false }
    for item in try root.directory.list(folder) {
      let path = folder.joining(item.name)
      if isHidden(path) { continue }
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

extension BuildRequest {
  /// What of a folder a build must not see because the store at a path is there.
  static func hidden(in folder: BytePath, store: [UInt8]) -> [BytePath] {
    guard let folder = realPath(folder.bytes), let store = realPath(store) else { return [] }
    if folder == store { return ["tmp"] }
    let prefix = folder == [0x2F] ? folder : folder + [0x2F]
    return store.starts(with: prefix) ? [BytePath(Array(store.dropFirst(prefix.count)))] : []
  }

  private static func realPath(_ path: [UInt8]) -> [UInt8]? {
    let text = path.map { CChar(bitPattern: $0) } + [0]
    guard let found = unsafe realpath(text, nil) else { return nil }
    defer { unsafe free(found) }
    return unsafe Array(UnsafeBufferPointer(start: found, count: strlen(found))).map { UInt8(bitPattern: $0) }
  }
}

extension FileError {
  var isLoop: Bool { code == 40 }
}
