package import FileTree

/// What a tar stream is to be.
package enum ArchiveForm: Sendable {
  /// A layer of an image: times in whole seconds, and no names that would hide others.
  case layer
  /// A folder as it is: times to the nanosecond, and names that start with `.wh.` are names.
  case folder
}

/// One member of a layer that is to be written.
package struct LayerEntry: Sendable {
  package enum Kind: Sendable {
    case directory
    /// A regular file of `size` bytes.
    case file(size: Int64, Content)
    case symbolicLink(target: BytePath)
    /// Another name of a file that stands earlier in the layer.
    case hardLink(to: BytePath)
    case fifo
    case characterDevice(DeviceNumber)
    case blockDevice(DeviceNumber)
    /// The path is hidden: `.wh.` and its name, in its folder (OCI image-spec, layer.md, "Whiteouts").
    case whiteout
    /// Everything that lower layers have in this folder is hidden: `.wh..wh..opq` in it.
    case opaque
  }

  /// Where the bytes of a file come from.
  package enum Content: Sendable {
    case bytes([UInt8])
    /// A file below a folder; it is opened when its turn comes.
    case file(SharedDirectory, BytePath)
  }

  /// Where the object is in the image, canonical: no leading `/`, no `.` and `..`.
  package var path: BytePath
  package var kind: Kind
  /// `mode & 0o7777`.
  package var permissions: UInt32
  package var owner: Owner
  /// Seconds since the epoch.
  package var modified: Int64
  /// What comes on top of them; a layer leaves it out (``ArchiveForm``).
  package var nanoseconds: UInt32
  /// Written as `SCHILY.xattr.` records.
  package var attributes: [ExtendedAttribute]

  package init(
    path: BytePath, kind: Kind, permissions: UInt32 = 0, owner: Owner = .root, modified: Int64 = 0,
    nanoseconds: UInt32 = 0, attributes: [ExtendedAttribute] = []
  ) {
    self.path = path
    self.kind = kind
    self.permissions = permissions
    self.owner = owner
    self.modified = modified
    self.nanoseconds = nanoseconds
    self.attributes = attributes
  }

  /// The removal of a path.
  package static func whiteout(_ path: BytePath) -> LayerEntry {
    LayerEntry(path: path, kind: .whiteout)
  }
}

/// Names that a layer gives a meaning of its own.
package enum Whiteout {
  package static let prefix = Array(".wh.".utf8)
  package static let opaqueName = Array(".wh..wh..opq".utf8)

  /// Whether a component of the path cannot stand for itself in a layer.
  package static func isReserved(_ path: BytePath) -> Bool {
    // A plain search first: nearly no path has the prefix anywhere.
    path.bytes.contains(UInt8(ascii: ".")) && path.components.contains { $0.starts(with: prefix) }
  }

  /// The member that hides `path`: size, mode and time zero.
  static func name(hiding path: BytePath) -> BytePath {
    path.parent.joining(prefix + path.lastComponent)
  }
}

extension LayerDiff {
  /// The members of the layer that turns the old tree into the new one.
  /// - Parameter root: the new tree, where content is read.
  /// - Returns: the members in order, and the sockets that a layer cannot hold.
  package func layerEntries(root: SharedDirectory) -> (entries: [LayerEntry], skippedSockets: [BytePath]) {
    var entries: [LayerEntry] = []
    entries.reserveCapacity(changes.count)
    var skipped: [BytePath] = []
    // Names of one file that are all in this layer are links to the first of them. A file whose
    // other name is in a lower layer is written out, because a link cannot reach there.
    var links: [FileIdentity: BytePath] = [:]
    for change in changes {
      guard let entry = change.entry else {
        entries.append(.whiteout(change.path))
        continue
      }
      let status = entry.status
      let kind: LayerEntry.Kind
      switch status.type {
      case .directory: kind = .directory
      case .symbolicLink: kind = .symbolicLink(target: entry.linkTarget ?? BytePath())
      case .fifo: kind = .fifo
      case .characterDevice: kind = .characterDevice(DeviceNumber(rdev: status.rdev))
      case .blockDevice: kind = .blockDevice(DeviceNumber(rdev: status.rdev))
      case .socket:
        skipped.append(change.path)
        continue
      case .regular:
        let identity = FileIdentity(device: status.device, inode: status.inode)
        if status.linkCount > 1, let first = links[identity] {
          kind = .hardLink(to: first)
        } else {
          if status.linkCount > 1 { links[identity] = change.path }
          kind = .file(size: status.size, .file(root, change.path))
        }
      }
      entries.append(
        LayerEntry(
          path: change.path, kind: kind, permissions: status.permissions, owner: status.owner,
          modified: status.modified.seconds, nanoseconds: status.modified.nanoseconds,
          attributes: entry.attributes))
    }
    return (entries, skipped)
  }
}

private struct FileIdentity: Hashable {
  var device: UInt64
  var inode: UInt64
}
