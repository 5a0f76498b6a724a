import FileTree
import Glibc
import TestSupport
import Testing

@testable import Isolation

/// What fuse-overlayfs serves, without a place in the file system.
@Suite(
  "A directory of fuse-overlayfs",
  .enabled(
    if: geteuid() == 0 && FuseOverlayMount.program != nil && Files.exists("/dev/fuse"),
    "needs root, fuse-overlayfs and /dev/fuse"))
struct FuseOverlayMountTests {
  /// - Parameter prepare: what is done to the folder before the program looks at it.
  private func withMount(
    prepare: (_ folder: String) throws -> Void = { _ in },
    _ body: (_ mount: FuseOverlayMount, _ root: String, _ folder: String) throws -> Void
  ) throws {
    try Files.withTemporaryFolder { folder in
      for name in ["lower", "upper", "work"] { try Files.createFolder("\(folder)/\(name)") }
      try prepare(folder)
      let paths = ["lower", "upper", "work"].map { Array("\(folder)/\($0)".utf8) }
      let mount = try FuseOverlayMount(.init(lower: paths[0], upper: paths[1], work: paths[2]), at: nil)
      try body(mount, String(decoding: try #require(mount.root), as: UTF8.self), folder)
    }
  }

  @Test("An attribute of a link does not go to the file of the host that the link names")
  func attributeOfLink() throws {
    try withMount { mount, root, folder in
      try Files.write([], to: folder + "/outside")
      #expect(unsafe symlink(folder + "/outside", root + "/link") == 0)
      let merged = try SharedDirectory(opening: BytePath(root))
      let host = try SharedDirectory(opening: BytePath(folder))
      for name in ["trusted.x", "security.x"] {
        let attribute = ExtendedAttribute(name: Array(name.utf8), value: [1])
        #expect(throws: FileError(.setAttribute, "link", EPERM)) {
          try merged.directory.setAttribute("link", attribute)
        }
        #expect(try host.directory.attribute("outside", attribute.name) == nil)
      }
      try Files.write([], to: root + "/file")
      try merged.directory.makeDirectory("folder")
      for path: BytePath in ["file", "folder"] {
        let attribute = ExtendedAttribute(name: Array("trusted.x".utf8), value: [2])
        try merged.directory.setAttribute(path, attribute)
        #expect(try merged.directory.attribute(path, attribute.name) == [2], "others have their own")
      }
      try mount.end()
    }
  }

  @Test("A device is looked at without being opened, and a fifo without waiting for somebody to write")
  func devices() throws {
    try withMount { folder in
      // The kernel's memory: whoever opens it needs rights that mean something.
      #expect(unsafe mknod(folder + "/upper/device", S_IFCHR | 0o600, makedev(1, 1)) == 0)
      #expect(unsafe mkfifo(folder + "/upper/fifo", 0o600) == 0)
    } _: { mount, root, _ in
      var status = stat()
      #expect(unsafe lstat(root + "/device", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
      #expect(unsafe lstat(root + "/fifo", &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
      try mount.end()
    }
  }

  @Test("A program that has gone before its mount is told, once")
  func gone() throws {
    try withMount { mount, root, _ in
      mount.kill()
      var status = stat()
      #expect(unsafe lstat(root + "/x", &status) == -1 && errno == ENOTCONN)
      #expect(throws: IsolationError.fuseOverlay(.ended(.signaled(SIGKILL), message: []))) { try mount.end() }
      try mount.end()
    }
  }

  @Test("A path with a colon, which separates directories, is refused; a comma and a backslash are not")
  func paths() throws {
    try Files.withTemporaryFolder { folder in
      for name in ["a:b", "a,b\\c", "upper", "work"] { try Files.createFolder("\(folder)/\(name)") }
      func mount(_ lower: String) throws -> FuseOverlayMount {
        let paths = [lower, "upper", "work"].map { Array("\(folder)/\($0)".utf8) }
        return try FuseOverlayMount(.init(lower: paths[0], upper: paths[1], work: paths[2]), at: nil)
      }
      let colon = IsolationError.fuseOverlay(.colon(in: Array("\(folder)/a:b".utf8)))
      #expect(throws: colon) { try mount("a:b") }
      try Files.write([1], to: "\(folder)/a,b\\c/file")
      let made = try mount("a,b\\c")
      let root = String(decoding: try #require(made.root), as: UTF8.self)
      #expect(Files.exists(root + "/file"))
      try made.end()
    }
  }
}

private func makedev(_ major: UInt64, _ minor: UInt64) -> dev_t { dev_t(major << 8 | minor) }
