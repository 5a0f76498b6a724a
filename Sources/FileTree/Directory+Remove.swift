import CLinux
import Glibc

extension Directory {
  /// Removes a file, link or node; a folder gives `EISDIR`.
  package func removeFile(_ path: BytePath) throws(FileError) {
    try unsafe atParent(path, .remove) { folder, name in
      unsafe unlinkat(folder, name, 0) == 0 ? 0 : -Int(errno)
    }
  }

  /// Removes an empty folder.
  package func removeDirectory(_ path: BytePath) throws(FileError) {
    try unsafe atParent(path, .remove) { folder, name in
      unsafe unlinkat(folder, name, AT_REMOVEDIR) == 0 ? 0 : -Int(errno)
    }
  }

  /// Removes an object with everything below it. Nothing there is no error.
  ///
  /// Folders that their owner may not list or change are opened up first, and a tree deeper than
  /// any path is taken apart from the top, so whatever a build can make this can remove.
  package func removeTree(_ path: BytePath) throws(FileError) {
    var failure: FileError?
    let body: (CInt, UnsafePointer<CChar>) -> Int = { folder, name in
      var removal = TreeRemoval(top: folder, path: path)
      do throws(FileError) {
        try removal.remove(folder, unsafe bytes(of: name), depth: 0)
        while let name = removal.deferred.popLast() { try removal.remove(folder, name, depth: 0) }
      } catch {
        failure = error
      }
      return 0
    }
    do {
      _ = try unsafe atParent(path, .remove, body)
    } catch {
      if error.code == ENOENT { return }
      throw error
    }
    if let failure { throw failure }
  }
}

/// One removal of a tree.
private struct TreeRemoval {
  /// The folder that holds the tree.
  let top: CInt
  let path: BytePath
  /// Folders that were too deep, moved up to `top` under these names.
  var deferred: [[UInt8]] = []
  var serial = 0

  /// Folders open at a time; bounds the descriptors and the stack.
  static let maximumDepth = 64

  init(top: CInt, path: BytePath) {
    self.top = top
    self.path = path
  }

  mutating func remove(_ folder: CInt, _ name: [UInt8], depth: Int) throws(FileError) {
    let unlinked = unlink(folder, name, 0)
    if unlinked == 0 || unlinked == -Int(ENOENT) { return }
    guard unlinked == -Int(EISDIR) else { throw FileError(.remove, path, CInt(-unlinked)) }
    do {
      let opened = try openFolder(folder, name)
      try empty(opened, depth: depth)
    }
    try checked(unlink(folder, name, AT_REMOVEDIR), .remove, path)
  }

  private func unlink(_ folder: CInt, _ name: [UInt8], _ flags: CInt) -> Int {
    unsafe withCString(name) { name in
      unsafe unlinkat(folder, name, flags) == 0 ? 0 : -Int(errno)
    }
  }

  private func openFolder(_ folder: CInt, _ name: [UInt8]) throws(FileError) -> Descriptor {
    let flags = O_RDONLY | O_CLOEXEC | slipway_o_directory | slipway_o_nofollow
    let raw = unsafe withCString(name) { name in
      let first = unsafe slipway_openat(folder, name, flags, 0)
      guard first == -EACCES else { return Int(first) }
      let changed = unsafe slipway_chmodat(folder, name, 0o700)
      return unsafe changed < 0 ? Int(changed) : Int(slipway_openat(folder, name, flags, 0))
    }
    return Descriptor(adopting: CInt(try checked(raw, .remove, path)))
  }

  private mutating func empty(_ folder: borrowing Descriptor, depth: Int) throws(FileError) {
    var opened = false
    for item in try Directory.list(folder.raw, path) {
      while true {
        do throws(FileError) {
          if depth >= Self.maximumDepth, item.type == .directory || item.type == nil {
            try moveUp(folder.raw, item.name)
          } else {
            try remove(folder.raw, item.name, depth: depth + 1)
          }
          break
        } catch {
          // The folder itself may forbid changes to it; its owner may lift that, once.
          guard error.code == EACCES, !opened, fchmod(folder.raw, 0o700) == 0 else { throw error }
          opened = true
        }
      }
    }
  }

  private mutating func moveUp(_ folder: CInt, _ name: [UInt8]) throws(FileError) {
    while true {
      serial += 1
      let unique = Array(".slipway-removed-\(getpid())-\(serial)".utf8)
      let flags = CUnsignedInt(SLIPWAY_RENAME_NOREPLACE)
      let moved = unsafe withCStrings(name, unique) { from, to in
        // Moving a folder to another parent needs write permission on the folder itself.
        let first = unsafe slipway_renameat2(folder, from, top, to, flags)
        guard first == -EACCES, unsafe slipway_chmodat(folder, from, 0o700) == 0 else { return Int(first) }
        return unsafe Int(slipway_renameat2(folder, from, top, to, flags))
      }
      if moved == -Int(EEXIST) { continue }
      try checked(moved, .remove, path)
      deferred.append(unique)
      return
    }
  }
}
