package import FileTree
import Glibc
import Isolation

/// An overlay that is mounted nowhere: a descriptor reaches it, and it goes with the descriptor. Needs real root.
package struct DetachedOverlay: ~Copyable {
  /// The merged tree.
  package let root: Directory
  /// nil for what fuse-overlayfs serves.
  private let mount: Descriptor?
  private let served: FuseOverlayMount?

  /// - Throws: an `.open` error with the errno of the call that the kernel refused.
  package init(lower: BytePath, upper: BytePath, work: BytePath, marks: OverlayMarks) throws {
    if marks == .fuse {
      let served = try FuseOverlayMount(
        .init(lower: lower.bytes, upper: upper.bytes, work: work.bytes), at: nil)
      root = try Directory(opening: BytePath(served.root ?? []))
      self.served = served
      mount = nil
      return
    }
    let context = Descriptor(adopting: try Self.checked(unsafe fsopen("overlay", 1)))
    var options = [
      ("lowerdir", lower.description), ("upperdir", upper.description), ("workdir", work.description),
      ("index", "off"),
    ]
    if marks == .trusted {
      options += [("redirect_dir", "off"), ("metacopy", "off")]
    } else {
      try Self.checked(unsafe fsconfig(context.raw, FSCONFIG_SET_FLAG.rawValue, "userxattr", nil, 0))
    }
    for (name, value) in options {
      try Self.checked(unsafe fsconfig(context.raw, FSCONFIG_SET_STRING.rawValue, name, value, 0))
    }
    try Self.checked(unsafe fsconfig(context.raw, FSCONFIG_SET_FLAG.rawValue, "volatile", nil, 0))
    try Self.checked(fsconfig(context.raw, FSCONFIG_CMD_CREATE.rawValue, nil, nil, 0))
    let mounted = Descriptor(adopting: try Self.checked(fsmount(context.raw, 1, 0)))
    root = try Directory(opening: BytePath("/proc/self/fd/\(mounted.raw)"))
    mount = consume mounted
    served = nil
  }

  /// Takes the overlay off; the upper directory then has all that was changed.
  package consuming func end() throws {
    let served = served
    // Its descriptors first: the mount goes with the last of them.
    _ = consume self
    try served?.end()
  }

  @discardableResult
  private static func checked(_ result: CInt) throws(FileError) -> CInt {
    guard result >= 0 else { throw FileError(.open, "overlay", errno) }
    return result
  }

  /// Why overlays with these marks cannot be mounted in /tmp; nil if they can.
  package static func refusal(_ marks: OverlayMarks) -> (any Error)? {
    do {
      let tree = try TemporaryTree()
      for name: BytePath in ["lower", "upper", "work"] { try tree.shared.directory.makeDirectory(name) }
      let overlay = try DetachedOverlay(
        lower: tree.path.joining("lower"), upper: tree.path.joining("upper"),
        work: tree.path.joining("work"), marks: marks)
      try overlay.root.writeFile("f", [])
      try overlay.end()
      return nil
    } catch {
      return error
    }
  }

  /// Whether overlays of both kinds of the kernel can be mounted in /tmp.
  package static let works = refusal(.trusted) == nil && refusal(.user) == nil

  /// Whether fuse-overlayfs works there.
  package static let isServed = refusal(.fuse) == nil
}
