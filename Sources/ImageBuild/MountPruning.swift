import FileTree
package import ImageStore

/// A folder of `RUN --mount=type=cache` that has gone, or would have.
package struct PrunedMount: Hashable, Sendable {
  package var folder: StoredMountFolder
  /// Bytes on the disk.
  package var size: Int64
}

extension OCILayoutStore {
  /// Bytes on the disk of what cache mounts keep.
  package func sizeOfMounts() throws(StoreError) -> Int64 {
    var size: Int64 = 0
    for folder in try mountFolders() { size += try Self.size(of: BytePath(folder.path)) }
    return size
  }

  /// Removes folders of cache mounts, those used longest ago first.
  ///
  /// `unusedSince`, `keptSize` and `isDryRun` count as for steps; whether a layer is in an image does not.
  /// - Throws: `busy` while somebody builds or writes otherwise.
  package func pruneMounts(_ pruning: CachePruning) throws(StoreError) -> [PrunedMount] {
    try whileIdle { () throws(StoreError) in
      var found: [PrunedMount] = []
      for folder in try mountFolders() {
        found.append(PrunedMount(folder: folder, size: try Self.size(of: BytePath(folder.path))))
      }
      var size = found.reduce(0) { $0 + $1.size }
      var gone: [PrunedMount] = []
      for mount in found {
        if let time = pruning.unusedSince, mount.folder.used >= time { continue }
        if let keptSize = pruning.keptSize, size <= keptSize { break }
        size -= mount.size
        gone.append(mount)
        if !pruning.isDryRun { try Self.remove(BytePath(mount.folder.path)) }
      }
      return gone
    }
  }

  private static func remove(_ path: BytePath) throws(StoreError) {
    do throws(FileError) {
      try Directory(opening: path.parent).removeTree(BytePath(Array(path.lastComponent)))
    } catch {
      throw failure(error, path)
    }
  }

  private static func size(of path: BytePath) throws(StoreError) -> Int64 {
    var size: Int64 = 0
    do throws(FileError) {
      let root = try Directory(opening: path)
      var folders = [BytePath()]
      while let folder = folders.popLast() {
        let items: [DirectoryItem]
        do throws(FileError) {
          items = try root.list(folder)
        } catch {
          // A command may leave a folder that its owner cannot look into; a name may be too deep.
          continue
        }
        for item in items {
          let path = folder.joining(item.name)
          guard let status = try root.statusIfPresent(path) else { continue }
          size += status.blocks * 512
          if status.isDirectory { folders.append(path) }
        }
      }
    } catch {
      throw failure(error, path)
    }
    return size
  }

  private static func failure(_ error: FileError, _ path: BytePath) -> StoreError {
    .system(
      SystemFailure(
        operation: error.operation.rawValue, path: path.joining(error.path).bytes, code: error.code))
  }
}
