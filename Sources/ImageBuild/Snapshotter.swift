package import FileTree
package import Isolation

/// How the changes of a RUN are found.
///
/// The layer is the same with each, byte by byte. What differs is what the command can do: see docs/build.md.
package enum Snapshotter: String, Sendable, CaseIterable {
  /// An overlay, where one can be mounted and the stage's files allow it; otherwise, on a network file system,
  /// fuse-overlayfs; otherwise a comparison.
  case auto
  /// An overlay; where none can be mounted, the step fails. A comparison is made only where the stage's files would
  /// look different on an overlay.
  case overlay
  /// The same, of fuse-overlayfs: for file systems that the kernel mounts no overlay on.
  case fuseOverlayfs = "fuse-overlayfs"
  /// The command works on the stage's files themselves, which are read before and after.
  case diff
}

/// How the changes of a RUN are found here, and what was found out about the other ways.
package struct ChangeFinding: Sendable, Equatable {
  package enum Source: Sendable, Equatable {
    case overlay(OverlayMarks)
    case comparison
  }

  package var source: Source
  /// An overlay of the kernel.
  package var overlay = IsolationProbe.Finding.notTried
  package var fuse = IsolationProbe.Finding.notTried
  /// The file system, if it is one of those where to look at a file costs a call to another machine or process.
  package var networkFileSystem: String?

  /// The ways that there are, as far as they have to be tried. Each is called once at most.
  package struct Ways {
    package var overlay: () -> IsolationProbe.Finding
    package var fuse: () -> IsolationProbe.Finding
    package var networkFileSystem: () -> String?

    package init(
      overlay: @escaping () -> IsolationProbe.Finding, fuse: @escaping () -> IsolationProbe.Finding,
      networkFileSystem: @escaping () -> String?
    ) {
      self.overlay = overlay
      self.fuse = fuse
      self.networkFileSystem = networkFileSystem
    }
  }

  private init(_ source: Source) { self.source = source }

  /// Chooses. On a disk of this machine a comparison costs one look at every file, and fuse-overlayfs more than that for each file
  /// that the command looks at: it pays where it saves calls to another machine.
  /// - Parameters:
  ///   - marks: those of an overlay of the kernel; nil where commands have no namespaces, or files of users that are not this
  ///     process's to move.
  ///   - hasNamespaces: whether commands have namespaces.
  ///   - ways: see there.
  package init(
    _ snapshotter: Snapshotter, marks: OverlayMarks?, hasNamespaces: Bool, _ ways: Ways
  ) throws(IsolationError) {
    self.init(.comparison)
    guard snapshotter != .diff else { return }
    guard let marks else {
      if snapshotter != .auto, !hasNamespaces { throw .needsNamespaces(.overlay) }
      return
    }
    if snapshotter != .fuseOverlayfs {
      overlay = ways.overlay()
      if overlay == .works {
        source = .overlay(marks)
        return
      }
      if snapshotter == .overlay {
        if case .fails(let error) = overlay { throw error }
        return
      }
      networkFileSystem = ways.networkFileSystem()
      guard networkFileSystem != nil else { return }
    }
    fuse = ways.fuse()
    switch fuse {
    case .works: source = .overlay(.fuse)
    case .fails(let error): if snapshotter == .fuseOverlayfs { throw error }
    case .notTried: break
    }
  }
}

extension ChangeFinding {
  /// Finds out what builds by this identity use whose files are in the file system of a folder.
  /// - Parameter scratch: an empty folder, in which things are made; the caller removes it with them.
  package init(
    _ snapshotter: Snapshotter, _ choice: IsolationMode.Choice, _ identity: BuilderIdentity, scratch: [UInt8]
  ) throws(IsolationError) {
    let hasNamespaces = choice.mode == .namespace
    let marks: OverlayMarks?
    switch (choice.userNamespace, identity) {
    case (.none, .root): marks = hasNamespaces ? .trusted : nil
    case (.single, .namespaceRoot), (.ranges, .range): marks = hasNamespaces ? .user : nil
    // The files of other users that such a namespace makes are not this process's to move.
    default: marks = nil
    }
    let ways = Ways(
      overlay: { Self.overlay(marks ?? .user, choice.userNamespace, scratch) },
      fuse: {
        // Nothing of a build is mounted where the rest of the machine sees it.
        if identity == .root, !MountNamespace.isOwn { return .fails(.fuseOverlay(.sharedMounts)) }
        return FuseOverlayMount.attempt(in: scratch)
      },
      networkFileSystem: { MachineProbe.networkFileSystem(of: scratch) })
    try self.init(snapshotter, marks: marks, hasNamespaces: hasNamespaces, ways)
  }

  /// Tries whether the file system of a folder takes an overlay and its marks.
  private static func overlay(
    _ marks: OverlayMarks, _ namespace: UserNamespace, _ scratch: [UInt8]
  ) -> IsolationProbe.Finding {
    let finding = IsolationProbe.temporaryOverlay(in: scratch, namespace)
    guard finding == .works else { return finding }
    do throws(FileError) {
      let mark = ExtendedAttribute(name: marks.prefix + Array("opaque".utf8), value: Array("y".utf8))
      try Directory(opening: BytePath(scratch)).setAttribute(BytePath(), mark)
      try Directory(opening: BytePath(scratch)).removeAttribute(BytePath(), mark.name)
      return .works
    } catch {
      return .fails(.setup(.overlay, errno: error.code, subject: scratch))
    }
  }
}
