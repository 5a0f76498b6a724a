/// Who keeps an overlay's marks, and where: in attributes (Documentation/filesystems/overlayfs.rst, "User xattr") or in files.
/// Attributes of the other kinds are a program's own, and mean nothing.
package enum OverlayMarks: Sendable {
  /// `trusted.overlay.*`, of an overlay that real root has mounted.
  case trusted
  /// `user.overlay.*`, of one that was mounted with `userxattr`.
  case user
  /// fuse-overlayfs's: attributes of its own and of both other kinds, and files whose names start with `.wh.`, which no
  /// command on it can make.
  case fuse

  /// What the names of the marks start with that are always there.
  package var prefix: [UInt8] {
    switch self {
    case .trusted: Array("trusted.overlay.".utf8)
    case .user: Array("user.overlay.".utf8)
    case .fuse: Array("user.fuseoverlayfs.".utf8)
    }
  }

  private var prefixes: [[UInt8]] {
    self == .fuse ? [prefix, Self.user.prefix, Self.trusted.prefix] : [prefix]
  }

  /// Whether an attribute is a mark.
  package func own(_ attribute: [UInt8]) -> Bool { prefixes.contains { attribute.starts(with: $0) } }

  /// The names that a mark can have.
  func names(_ mark: String) -> [[UInt8]] { prefixes.map { $0 + Array(mark.utf8) } }
}

/// One name in an upper directory.
struct UpperName {
  /// As the overlay shows it, or hides it.
  var shown: [UInt8]
  /// The file that says that there is none of this name; nil for an object, which may say it itself.
  var whiteout: [UInt8]?
}

/// The names of a folder of an upper directory, without what stands for something else.
struct UpperNames {
  var names: [UpperName] = []
  /// Whether a file says that the folder hides the lower one.
  var isOpaque = false
  /// The files that mean nothing once the overlay is gone.
  var debris: [[UInt8]] = []

  private static let prefix = Array(".wh.".utf8)
  private static let opaque = Array(".wh..wh..opq".utf8)

  /// - Parameter items: sorted by name.
  init(_ items: [DirectoryItem], marks: OverlayMarks) {
    let isPlain = marks != .fuse || !items.contains { $0.name.starts(with: Self.prefix) }
    guard !isPlain else {
      names = items.map { UpperName(shown: $0.name) }
      return
    }
    let present = Set(items.map(\.name))
    for item in items {
      guard item.name.starts(with: Self.prefix) else {
        names.append(UpperName(shown: item.name))
        continue
      }
      let hidden = Array(item.name.dropFirst(Self.prefix.count))
      if item.name == Self.opaque { isOpaque = true }
      let isFile = item.type != .characterDevice && item.name != Self.opaque
      if isFile, !hidden.isEmpty, !present.contains(hidden) {
        names.append(UpperName(shown: hidden, whiteout: item.name))
      } else {
        debris.append(item.name)
      }
    }
    names.sort { $0.shown.lexicographicallyPrecedes($1.shown) }
  }
}
