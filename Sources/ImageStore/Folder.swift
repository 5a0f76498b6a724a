import Glibc

/// An open folder. Names are resolved in it and never through a symbolic link at their end;
/// a name is a single component unless its method says otherwise.
final class Folder: Sendable {
  let descriptor: CInt
  /// For messages, and for those who need a path.
  let path: [UInt8]

  private init(descriptor: CInt, path: [UInt8]) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  /// Opens the folder at `path`, which may have links in it.
  static func open(path: [UInt8]) throws(StoreError) -> Folder {
    let descriptor = unsafe withCPath(path) { unsafe Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else {
      throw .system(SystemFailure(operation: "open", path: path, code: errno))
    }
    return Folder(descriptor: descriptor, path: path)
  }

  /// Makes the folder and those above it, where they are missing, and opens it.
  static func create(path: [UInt8], mode: mode_t) throws(StoreError) -> Folder {
    for index in path.indices.dropFirst() where path[index] == UInt8(ascii: "/") {
      try makeFolder(Array(path[..<index]), mode: mode)
    }
    try makeFolder(path, mode: mode)
    return try open(path: path)
  }

  private static func makeFolder(_ path: [UInt8], mode: mode_t) throws(StoreError) {
    let status = unsafe withCPath(path) { unsafe mkdir($0, mode) }
    // EROFS and EACCES of a folder above that exists come before EEXIST on some file systems;
    // opening the last one tells whether all is well.
    guard status == 0 || [EEXIST, EROFS, EACCES].contains(errno) else {
      throw .system(SystemFailure(operation: "mkdir", path: path, code: errno))
    }
  }

  func folder(_ name: String) throws(StoreError) -> Folder {
    let descriptor = unsafe withCPath(name) {
      unsafe openat(self.descriptor, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    guard descriptor >= 0 else { throw failure("openat", name) }
    return Folder(descriptor: descriptor, path: path(of: name))
  }

  /// Makes the folder.
  /// - Returns: false if there is something of that name already.
  @discardableResult
  func makeFolder(_ name: String, mode: mode_t) throws(StoreError) -> Bool {
    if unsafe withCPath(name, { unsafe mkdirat(descriptor, $0, mode) }) == 0 { return true }
    guard errno == EEXIST else { throw failure("mkdirat", name) }
    return false
  }

  /// Opens a file of any type for reading, without waiting for the other end of a pipe.
  func open(_ name: String) throws(StoreError) -> OpenFile {
    try open(name, flags: O_RDONLY | O_NONBLOCK)
  }

  /// Opens a plain file for reading.
  /// - Returns: nil if there is none; anything else than a plain file counts as none.
  func openIfPresent(_ name: String) throws(StoreError) -> OpenFile? {
    do throws(StoreError) {
      let file = try open(name)
      guard try file.status().st_mode & S_IFMT == Glibc.S_IFREG else { return nil }
      return file
    } catch .system(let failure) where [ENOENT, ENOTDIR, ELOOP, ENXIO].contains(failure.code) {
      return nil
    }
  }

  /// Makes a new file for writing.
  func create(_ name: String, mode: mode_t) throws(StoreError) -> OpenFile {
    try open(name, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
  }

  func open(_ name: String, flags: CInt, mode: mode_t = 0) throws(StoreError) -> OpenFile {
    let descriptor = unsafe withCPath(name) {
      unsafe openat(self.descriptor, $0, flags | O_NOFOLLOW | O_CLOEXEC, mode)
    }
    guard descriptor >= 0 else { throw failure("openat", name) }
    return OpenFile(descriptor: descriptor, path: path(of: name))
  }

  /// Renames, replacing what is there.
  func rename(_ name: String, to folder: Folder, _ newName: String) throws(StoreError) {
    let status = unsafe withCPath(name) { old in
      unsafe withCPath(newName) { new in unsafe renameat(descriptor, old, folder.descriptor, new) }
    }
    guard status == 0 else { throw failure("renameat", name) }
  }

  /// Removes a file; one that is not there is as good as removed.
  func remove(_ name: String, flags: CInt = 0) throws(StoreError) {
    let status = unsafe withCPath(name) { unsafe unlinkat(descriptor, $0, flags) }
    guard status == 0 || errno == ENOENT else { throw failure("unlinkat", name) }
  }

  /// Removes a file or a folder with everything in it, without following links.
  func removeTree(_ name: String) throws(StoreError) {
    if unsafe withCPath(name, { unsafe unlinkat(descriptor, $0, 0) }) == 0 || errno == ENOENT { return }
    guard errno == EISDIR || errno == EPERM else { throw failure("unlinkat", name) }
    let inner: Folder
    do throws(StoreError) {
      inner = try folder(name)
    } catch {
      // A folder that its owner may not read, as a container may leave it.
      guard unsafe withCPath(name, { unsafe fchmodat(descriptor, $0, 0o700, AT_SYMLINK_NOFOLLOW) }) == 0
      else {
        throw error
      }
      inner = try folder(name)
    }
    fchmod(inner.descriptor, 0o700)
    for child in try inner.names() { try inner.removeTree(child) }
    try remove(name, flags: AT_REMOVEDIR)
  }

  /// The names in the folder, sorted by bytes. Names that are not UTF-8 are left out: the store
  /// gives none such.
  func names() throws(StoreError) -> [String] {
    let duplicate = unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard duplicate >= 0, let stream = unsafe fdopendir(duplicate) else { throw failure("opendir", ".") }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
      if let text = String(validating: name, as: UTF8.self), text != ".", text != ".." { names.append(text) }
      errno = 0
    }
    guard errno == 0 else { throw failure("readdir", ".") }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Whether nothing is in the folder.
  func isEmpty() throws(StoreError) -> Bool {
    let duplicate = unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard duplicate >= 0, let stream = unsafe fdopendir(duplicate) else { throw failure("opendir", ".") }
    defer { unsafe closedir(stream) }
    errno = 0
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
      if name != Array(".".utf8), name != Array("..".utf8) { return false }
      errno = 0
    }
    guard errno == 0 else { throw failure("readdir", ".") }
    return true
  }

  /// Puts new and changed names on the disk.
  func sync() throws(StoreError) {
    // Some file systems have nothing to do for a folder and say EINVAL.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure("fsync", ".") }
  }

  /// Replaces a small file: all of the old content or all of the new, whatever happens.
  func replace(_ name: String, with content: [UInt8], through temporary: String, mode: mode_t)
    throws(StoreError)
  {
    try remove(temporary)
    do throws(StoreError) {
      let file = try create(temporary, mode: mode)
      try file.write(content)
      try file.sync()
      try rename(temporary, to: self, name)
      try sync()
    } catch {
      // The first failure is the one to tell; the rest is swept up when the store is opened again.
      _ = unsafe withCPath(temporary) { unsafe unlinkat(descriptor, $0, 0) }
      throw error
    }
  }

  func path(of name: String) -> [UInt8] { path + [UInt8(ascii: "/")] + Array(name.utf8) }

  private func failure(_ operation: String, _ name: String) -> StoreError {
    .system(SystemFailure(operation: operation, path: path(of: name), code: errno))
  }
}

func withCPath<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
  let terminated = path.map { CChar(bitPattern: $0) } + [0]
  return unsafe terminated.withUnsafeBufferPointer { buffer in
    // The array ends with a NUL, so it is never empty and always has an address.
    unsafe body(buffer.baseAddress.unsafelyUnwrapped)
  }
}

func withCPath<Result>(_ name: String, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
  unsafe withCPath(Array(name.utf8), body)
}
