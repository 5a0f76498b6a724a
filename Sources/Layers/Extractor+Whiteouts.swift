import FileTree
import Glibc

// What a layer takes away: `.wh.` members (image-spec, layer.md, "Whiteouts").
extension Extractor {
  /// Applies a `.wh.` member.
  mutating func removeLower(_ path: BytePath) throws(LayerError) {
    let components = path.components
    // Bookkeeping of aufs, which some old layers carry.
    let isAufs = components.contains {
      $0.starts(with: Whiteout.prefix + Whiteout.prefix) && !$0.elementsEqual(Whiteout.opaqueName)
    }
    if isAufs { return }
    guard !Whiteout.isReserved(path.parent) else { throw .reservedName(path: path) }
    let folder: BytePath
    do throws(FileError) {
      folder = try resolve(path.parent)
      guard try root.directory.statusIfPresent(folder)?.isDirectory == true else { return }
    } catch {
      if error.code == ENOTDIR { return }
      throw .file(error)
    }
    if path.lastComponent.elementsEqual(Whiteout.opaqueName) {
      try remember(folder)
      return try removeUnwritten(in: folder)
    }
    let name = path.lastComponent.dropFirst(Whiteout.prefix.count)
    guard !name.isEmpty, name != [.dot], name != [.dot, .dot] else { throw .unsafePath(path) }
    let hidden = folder.joining(name)
    let status = try onFile { () throws(FileError) in try root.directory.statusIfPresent(hidden) }
    guard let status else { return }
    try remember(folder)
    if !written.contains(hidden) {
      try remove(hidden, status.type)
    } else if status.isDirectory {
      try removeUnwritten(in: hidden)
    }
  }

  /// Removes from a folder what this layer did not put there.
  private mutating func removeUnwritten(in folder: BytePath) throws(LayerError) {
    let items = try onFile { () throws(FileError) in try root.directory.list(folder) }
    for item in items {
      let path = folder.joining(item.name)
      let status = try onFile { () throws(FileError) in try root.directory.statusIfPresent(path) }
      guard let status else { continue }
      if !written.contains(path) {
        try remove(path, status.type)
      } else if status.isDirectory {
        try removeUnwritten(in: path)
      }
    }
  }

  /// Keeps the time of a folder that is about to change and may not be in the layer.
  private mutating func remember(_ folder: BytePath) throws(LayerError) {
    guard !folder.isEmpty, folders[folder] == nil else { return }
    let status = try onFile { () throws(FileError) in try root.directory.status(folder) }
    folders[folder] = .restore(status.modified)
  }
}
