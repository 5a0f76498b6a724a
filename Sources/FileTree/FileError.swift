import Glibc

/// A call on a file or folder that the kernel refused.
package struct FileError: Error, Hashable, Sendable {
  /// What was tried.
  package enum Operation: String, Sendable, Hashable {
    case open, list, status, readLink, read, write, makeDirectory, createFile, makeLink, makeHardLink
    case makeNode, remove, rename, setMode, setOwner, setTimes, getAttribute, setAttribute, resolve, copy
  }

  package var operation: Operation
  /// The path as the caller named it, relative to the folder that was asked.
  package var path: BytePath
  /// The error number, as in `errno`.
  package var code: CInt

  package init(_ operation: Operation, _ path: BytePath, _ code: CInt) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  /// Whether the object, or a folder on the way to it, does not exist.
  package var isNotFound: Bool { code == ENOENT || code == ENOTDIR }
}
