package import FileTree
import Glibc

/// A folder of its own for one test, removed with everything in it.
package final class TemporaryTree: Sendable {
  package let path: BytePath
  package let shared: SharedDirectory

  package init(_ resolution: Directory.Resolution? = nil) throws {
    var template = Array("/tmp/slipway-test-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) } != nil
    }
    guard made else { throw FileError(.makeDirectory, "/tmp", errno) }
    path = BytePath(template.dropLast().map { UInt8(bitPattern: $0) })
    shared = SharedDirectory(try Directory(opening: path, resolution: resolution))
  }

  deinit {
    // A test that fails to clean up after itself has failed before.
    let parent = try? Directory(opening: "/tmp")
    try? parent?.removeTree(BytePath(Array(path.lastComponent)))
  }

  /// Creates a file, and the folders above it.
  package func file(_ path: BytePath, _ text: String = "", permissions: UInt32 = 0o644) throws {
    try shared.directory.makeDirectories(path.parent)
    try? shared.directory.removeFile(path)
    try shared.directory.writeFile(path, Array(text.utf8), permissions: permissions)
  }

  package func link(_ path: BytePath, to target: BytePath) throws {
    try shared.directory.makeDirectories(path.parent)
    try shared.directory.makeSymbolicLink(to: target, at: path)
  }

  package func text(_ path: BytePath) throws -> String {
    String(decoding: try shared.directory.readFile(path, limit: 1 << 20), as: UTF8.self)
  }
}

/// Whether the tests run as root.
package let isRoot = geteuid() == 0

extension [UInt8] {
  /// The bytes of a text.
  package init(_ text: String) { self = Array(text.utf8) }
}
