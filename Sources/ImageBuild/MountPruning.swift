import FileTree
package import ImageStore
import OCIModel

/// What is kept for a `RUN --mount=type=cache`: a folder, or the archive of one.
package struct KeptMount: Hashable, Sendable {
  /// The hexadecimal digits of its key.
  package var key: String
  /// The mount's id, for people.
  package var name: [UInt8]
  /// Bytes on the disk.
  package var size: Int64
  /// When a command used it last, in seconds since 1970.
  package var used: Int64
}

extension OCILayoutStore {
  /// Something that goes as a whole.
  private struct Keeping {
    var mount: KeptMount
    var place: Place

    enum Place {
      case folder(BytePath)
      case archive(CachedMount)
    }
  }

  /// What cache mounts keep, what was used longest ago first.
  package func keptMounts() throws(StoreError) -> [KeptMount] { try keepings().map(\.mount) }

  /// Unfinished work: folders of builds that go on, with the unpacked layers of their steps, and blobs that are being written.
  ///
  /// - Returns: how many processes work, or have left what could not be removed, and bytes on the disk.
  package func unfinishedWork() throws(StoreError) -> (count: Int, size: Int64) {
    let path = BytePath(workFolder)
    do throws(FileError) {
      return (try Directory(opening: path).list().count, try Self.sizeOfTree(path))
    } catch {
      if error.isNotFound { return (0, 0) }
      throw Self.failure(error, path)
    }
  }

  /// Bytes on the disk of what cache mounts keep.
  package func sizeOfMounts() throws(StoreError) -> Int64 {
    try keepings().reduce(0) { $0 + $1.mount.size }
  }

  /// Removes what cache mounts keep, what was used longest ago first.
  ///
  /// `unusedSince`, `keptSize` and `isDryRun` count as for steps; whether a layer is in an image does not.
  /// - Throws: `busy` while somebody builds or writes otherwise.
  package func pruneMounts(_ pruning: CachePruning) throws(StoreError) -> [KeptMount] {
    try whileIdle { () throws(StoreError) in
      let found = try keepings()
      var size = found.reduce(0) { $0 + $1.mount.size }
      var gone: [KeptMount] = []
      var blobs: [Digest] = []
      for keeping in found {
        if let time = pruning.unusedSince, keeping.mount.used >= time { continue }
        if let keptSize = pruning.keptSize, size <= keptSize { break }
        size -= keeping.mount.size
        gone.append(keeping.mount)
        if pruning.isDryRun { continue }
        switch keeping.place {
        case .folder(let path): try Self.remove(path)
        case .archive(let mount):
          try removeMountArchive(mount.key)
          blobs.append(mount.archive.digest)
        }
      }
      if !pruning.isDryRun { try removeDamagedMountArchives() }
      if !blobs.isEmpty { try removeUnneeded(blobs) }
      return gone
    }
  }

  /// All of them, those used longest ago first.
  private func keepings() throws(StoreError) -> [Keeping] {
    var found: [Keeping] = []
    for folder in try mountFolders() {
      let path = BytePath(folder.path)
      let mount = KeptMount(
        key: folder.key, name: folder.name, size: try Self.size(of: path), used: folder.used)
      found.append(Keeping(mount: mount, place: .folder(path)))
    }
    for stored in try mountArchives() {
      let mount = KeptMount(
        key: stored.mount.key.hex, name: stored.mount.id, size: stored.mount.archive.size, used: stored.used)
      found.append(Keeping(mount: mount, place: .archive(stored.mount)))
    }
    return found.sorted { ($0.mount.used, $0.mount.key) < ($1.mount.used, $1.mount.key) }
  }

  private static func remove(_ path: BytePath) throws(StoreError) {
    do throws(FileError) {
      try Directory(opening: path.parent).removeTree(BytePath(Array(path.lastComponent)))
    } catch {
      throw failure(error, path)
    }
  }

  private static func size(of path: BytePath) throws(StoreError) -> Int64 {
    do throws(FileError) {
      return try sizeOfTree(path)
    } catch {
      throw failure(error, path)
    }
  }

  private static func sizeOfTree(_ path: BytePath) throws(FileError) -> Int64 {
    var size: Int64 = 0
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
    return size
  }

  private static func failure(_ error: FileError, _ path: BytePath) -> StoreError {
    .system(
      SystemFailure(
        operation: error.operation.rawValue, path: path.joining(error.path).bytes, code: error.code))
  }
}
