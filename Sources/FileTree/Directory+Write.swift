import CLinux
import Glibc

// Permissions given to the methods below are exact: the process's umask does not touch them.
extension Directory {
  /// Creates a folder; its parent must exist.
  package func makeDirectory(_ path: BytePath, permissions: UInt32 = 0o755) throws(FileError) {
    try unsafe atParent(path, .makeDirectory) { folder, name in
      guard unsafe mkdirat(folder, name, permissions) == 0 else { return -Int(errno) }
      return unsafe Int(slipway_chmodat(folder, name, permissions))
    }
  }

  /// Creates what is missing of a folder's path. Links on the way are followed inside the root.
  /// - Returns: the canonical paths of the folders that were created, outermost first.
  @discardableResult
  package func makeDirectories(
    _ path: BytePath, permissions: UInt32 = 0o755
  ) throws(FileError) -> [BytePath] {
    let canonical = try resolve(path)
    var missing: [BytePath] = []
    var current = canonical
    while !current.isEmpty {
      if let status = try statusIfPresent(current) {
        guard status.isDirectory else { throw FileError(.makeDirectory, path, ENOTDIR) }
        break
      }
      missing.append(current)
      current = current.parent
    }
    missing.reverse()
    for folder in missing { try makeDirectory(folder, permissions: permissions) }
    return missing
  }

  /// Creates a regular file and opens it for writing; an object in its place gives `EEXIST`. A write by
  /// an ordinary user takes set-id bits away again, so those are for after the last one.
  package func createFile(_ path: BytePath, permissions: UInt32 = 0o644) throws(FileError) -> OpenFile {
    let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | slipway_o_nofollow
    let raw = try unsafe atParent(path, .createFile) { folder, name in
      unsafe Int(slipway_openat(folder, name, flags, 0o600))
    }
    let file = OpenFile(Descriptor(adopting: CInt(raw)), path: path)
    try file.setPermissions(permissions)
    return file
  }

  /// Creates a file with these bytes.
  package func writeFile(
    _ path: BytePath, _ bytes: [UInt8], permissions: UInt32 = 0o644
  ) throws(FileError) {
    let file = try createFile(path, permissions: 0o600)
    try file.write(bytes)
    // Last, because a write by an ordinary user takes the set-id bits away.
    try file.setPermissions(permissions)
  }

  package func makeSymbolicLink(to target: BytePath, at path: BytePath) throws(FileError) {
    try unsafe atParent(path, .makeLink) { folder, name in
      unsafe withCString(target.bytes) { target in
        unsafe symlinkat(target, folder, name) == 0 ? 0 : -Int(errno)
      }
    }
  }

  /// Gives an existing object another name; a link as `existing` is linked itself, not followed.
  package func makeHardLink(to existing: BytePath, at path: BytePath) throws(FileError) {
    try unsafe atBothParents(existing, path, .makeHardLink) { fromFolder, from, toFolder, to in
      unsafe linkat(fromFolder, from, toFolder, to, 0) == 0 ? 0 : -Int(errno)
    }
  }

  /// Creates a fifo, a socket name or a device node.
  package func makeNode(
    _ type: FileType, at path: BytePath, permissions: UInt32, device: DeviceNumber = DeviceNumber(rdev: 0)
  ) throws(FileError) {
    try unsafe atParent(path, .makeNode) { folder, name in
      let result = unsafe slipway_mknodat(folder, name, type.modeBits | permissions, device.rdev)
      guard result >= 0 else { return Int(result) }
      return unsafe Int(slipway_chmodat(folder, name, permissions))
    }
  }

  /// Moves an object; an existing file at `new` is replaced, unless `exclusively`, which gives `EEXIST`.
  package func rename(_ old: BytePath, to new: BytePath, exclusively: Bool = false) throws(FileError) {
    let flags = exclusively ? CUnsignedInt(SLIPWAY_RENAME_NOREPLACE) : 0
    try unsafe atBothParents(old, new, .rename) { fromFolder, from, toFolder, to in
      unsafe Int(slipway_renameat2(fromFolder, from, toFolder, to, flags))
    }
  }

  /// Moves an object to the same path below another folder of the same file system; a file there is replaced.
  package func move(_ path: BytePath, to other: borrowing Directory) throws(FileError) {
    let descriptor = try other.open(
      path.parent, slipway_o_path | slipway_o_directory, follow: true, .rename)
    let name = Array(path.lastComponent)
    try unsafe atParent(path, .rename) { folder, from in
      unsafe withCString(name) { to in
        unsafe Int(slipway_renameat2(folder, from, descriptor.raw, to, 0))
      }
    }
  }

  /// Calls `body` with the folders and the last names of two paths.
  private func atBothParents(
    _ first: BytePath, _ second: BytePath, _ operation: FileError.Operation,
    _ body: (CInt, UnsafePointer<CChar>, CInt, UnsafePointer<CChar>) -> Int
  ) throws(FileError) {
    var inner: FileError?
    try unsafe atParent(first, operation) { firstFolder, firstName in
      do throws(FileError) {
        try unsafe atParent(second, operation) { secondFolder, secondName in
          unsafe body(firstFolder, firstName, secondFolder, secondName)
        }
      } catch {
        inner = error
      }
      return 0
    }
    if let inner { throw inner }
  }
}

// MARK: - Metadata

extension Directory {
  package func setPermissions(_ path: BytePath, _ permissions: UInt32) throws(FileError) {
    try unsafe atParent(path, .setMode) { folder, name in
      unsafe Int(slipway_chmodat(folder, name, permissions))
    }
  }

  package func setOwner(_ path: BytePath, _ owner: Owner) throws(FileError) {
    try unsafe atParent(path, .setOwner) { folder, name in
      let flags = AT_SYMLINK_NOFOLLOW | slipway_at_empty_path
      return unsafe fchownat(folder, name, owner.uid, owner.gid, flags) == 0 ? 0 : -Int(errno)
    }
  }

  /// Sets the modification time, and the access time to the same.
  package func setModified(_ path: BytePath, _ time: Timestamp) throws(FileError) {
    try unsafe atParent(path, .setTimes) { folder, name in
      unsafe Int(slipway_set_mtime(folder, name, time.seconds, time.nanoseconds))
    }
  }
}

extension OpenFile {
  package func setPermissions(_ permissions: UInt32) throws(FileError) {
    guard fchmod(fileDescriptor, permissions) == 0 else { throw FileError(.setMode, path, errno) }
  }

  package func setOwner(_ owner: Owner) throws(FileError) {
    guard fchown(fileDescriptor, owner.uid, owner.gid) == 0 else {
      throw FileError(.setOwner, path, errno)
    }
  }

  package func setModified(_ time: Timestamp) throws(FileError) {
    let result = unsafe slipway_set_mtime(fileDescriptor, "", time.seconds, time.nanoseconds)
    try checked(Int(result), .setTimes, path)
  }

  /// Waits until the bytes are on the disk.
  package func synchronize() throws(FileError) {
    guard fsync(fileDescriptor) == 0 else { throw FileError(.write, path, errno) }
  }
}
