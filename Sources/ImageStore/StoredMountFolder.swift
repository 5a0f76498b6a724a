import Glibc

/// What is kept for one `RUN --mount=type=cache`.
package struct StoredMountFolder: Hashable, Sendable {
  /// The name of its folder in `cachemounts`.
  package var key: String
  /// The mount's id, for people.
  package var name: [UInt8]
  /// When a command used it last, in seconds since 1970.
  package var used: Int64
  /// The absolute path of the folder.
  package var path: [UInt8]
}

extension OCILayoutStore {
  /// All of them, those used longest ago first.
  package func mountFolders() throws(StoreError) -> [StoredMountFolder] {
    let all: Folder
    do throws(StoreError) {
      all = try root.folder(MountFolder.parentName)
    } catch .system(let failure) where failure.code == ENOENT {
      return []
    }
    var found: [StoredMountFolder] = []
    for key in try all.names() {
      let folder = try all.folder(key)
      var used: Int64 = 0
      for name in try folder.names() where name.hasPrefix("lock") {
        if let file = try folder.openIfPresent(name) {
          used = max(used, Int64(try file.status().st_mtim.tv_sec))
        }
      }
      let text = try folder.openIfPresent("name")?.readAll(limit: 1 << 16) ?? []
      found.append(
        StoredMountFolder(
          key: key, name: text.last == 0x0A ? text.dropLast() : text, used: used, path: folder.path))
    }
    return found.sorted { ($0.used, $0.key) < ($1.used, $1.key) }
  }

  /// Calls `body` while nobody builds or writes otherwise.
  /// - Throws: `busy` if somebody does.
  package func whileIdle<Result>(
    _ body: () throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let lock = try lockForCollection()
    defer { lock.release() }
    return try body()
  }
}
