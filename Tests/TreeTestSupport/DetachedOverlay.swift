package import FileTree
import Glibc

/// An overlay that is mounted nowhere: a descriptor reaches it, and it goes with the descriptor. Needs real root.
package struct DetachedOverlay: ~Copyable {
  /// The merged tree.
  package let root: Directory
  private let mount: Descriptor

  /// - Throws: an `.open` error with the errno of the call that the kernel refused.
  package init(lower: BytePath, upper: BytePath, work: BytePath, marks: OverlayMarks) throws(FileError) {
    let context = Descriptor(adopting: try Self.checked(unsafe fsopen("overlay", 1)))
    var options = [
      ("lowerdir", lower.description), ("upperdir", upper.description), ("workdir", work.description),
      ("index", "off"),
    ]
    switch marks {
    case .trusted: options += [("redirect_dir", "off"), ("metacopy", "off")]
    case .user:
      try Self.checked(unsafe fsconfig(context.raw, FSCONFIG_SET_FLAG.rawValue, "userxattr", nil, 0))
    }
    for (name, value) in options {
      try Self.checked(unsafe fsconfig(context.raw, FSCONFIG_SET_STRING.rawValue, name, value, 0))
    }
    try Self.checked(unsafe fsconfig(context.raw, FSCONFIG_SET_FLAG.rawValue, "volatile", nil, 0))
    try Self.checked(fsconfig(context.raw, FSCONFIG_CMD_CREATE.rawValue, nil, nil, 0))
    let mounted = Descriptor(adopting: try Self.checked(fsmount(context.raw, 1, 0)))
    let opened = try Directory(opening: BytePath("/proc/self/fd/\(mounted.raw)"))
    mount = mounted
    root = opened
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
      return nil
    } catch {
      return error
    }
  }

  /// Whether overlays of both kinds can be mounted in /tmp.
  package static let works = refusal(.trusted) == nil && refusal(.user) == nil
}
