import FileTree
import Glibc
import ImageBuild
import Isolation

/// Lets root, who could mount for the whole machine, mount for this process alone where a build may need fuse-overlayfs: a builder
/// that is killed then leaves no mount. An ordinary user enters a namespace anyway. Must be called before the process has a second
/// thread.
func leaveMachineMounts(for snapshotter: Snapshotter) throws {
  guard geteuid() == 0, snapshotter == .fuseOverlayfs else { return }
  do {
    try MountNamespace.makeOwn()
  } catch {
    throw Failure(
      "--snapshotter fuse-overlayfs: root needs the right to mount for it (CAP_SYS_ADMIN), which containers take away: "
        + isolationSentence(error), status: Exit.unable)
  }
}

/// How the changes of a RUN are found here, and why not better: sentences.
struct SnapshotterReport {
  var summary: String
  var reasons: [String] = []

  /// What a build by this identity uses.
  /// - Parameters:
  ///   - choice: what keeps RUN away from the host; nil where no command can run.
  ///   - scratch: a folder in the store's file system.
  init(
    _ snapshotter: Snapshotter, _ choice: IsolationMode.Choice?, _ identity: BuilderIdentity,
    scratch: [UInt8]
  ) {
    guard var choice else {
      self.init(summary: "no RUN can work")
      return
    }
    // As the build sees it, which is inside already.
    switch identity {
    case .namespaceRoot: choice.userNamespace = .single
    case .range(let mapping): choice.userNamespace = .ranges(mapping.fromInside)
    case .root, .ordinary: break
    }
    do {
      self.init(snapshotter, try Self.find(snapshotter, choice, identity, scratch))
      if choice.mode != .namespace, snapshotter == .auto { reasons = ["An overlay needs namespaces."] }
    } catch let error as IsolationError {
      self.init(summary: "none: RUN fails with --snapshotter \(snapshotter.rawValue)")
      reasons = [Self.sentence(error)]
    } catch {
      self.init(summary: "not known")
      reasons = ["\(error)"]
    }
  }

  private init(summary: String) { self.summary = summary }

  /// What was found out, in words.
  init(_ snapshotter: Snapshotter, _ finding: ChangeFinding) {
    switch finding.source {
    case .overlay(.fuse): summary = "fuse-overlayfs"
    case .overlay: summary = "an overlay of the kernel"
    case .comparison: summary = "a comparison of all files before and after"
    }
    if case .fails(let error) = finding.overlay {
      reasons.append("The kernel mounts no overlay in the store's file system: \(error.summary).")
    }
    if case .fails(let error) = finding.fuse {
      reasons.append("fuse-overlayfs does not work: \(error.summary).")
      if let help = fuseOverlayHelp(error) { reasons.append("To do: \(help).") }
    } else if finding.source == .comparison, finding.overlay != .notTried, finding.networkFileSystem == nil {
      reasons.append(
        "The store is on no network file system, where fuse-overlayfs costs more than a comparison; --snapshotter fuse-overlayfs asks for it."
      )
    }
  }

  /// In a folder of its own, which is gone afterwards.
  private static func find(
    _ snapshotter: Snapshotter, _ choice: IsolationMode.Choice, _ identity: BuilderIdentity, _ parent: [UInt8]
  ) throws -> ChangeFinding {
    var template = parent.map { CChar(bitPattern: $0) } + "/slipway-probe-XXXXXX".utf8CString
    let isMade = unsafe template.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return false }
      return unsafe mkdtemp(base) != nil
    }
    guard isMade else { throw IsolationError.system(call: "mkdtemp", errno: errno) }
    let scratch = template.dropLast().map { UInt8(bitPattern: $0) }
    defer {
      let path = BytePath(scratch)
      // What is left behind is a folder with a name that says what it was.
      try? Directory(opening: path.parent).removeTree(BytePath(Array(path.lastComponent)))
    }
    return try ChangeFinding(snapshotter, choice, identity, scratch: scratch)
  }

  private static func sentence(_ error: IsolationError) -> String {
    let help = fuseOverlayHelp(error).map { ": " + $0 } ?? ""
    let summary = error.summary
    return summary.prefix(1).uppercased() + summary.dropFirst() + help + "."
  }

  /// Lines for people.
  var text: String { "changes of RUN: \(summary)\n" + reasons.map { "  \($0)\n" }.joined() }
}

/// What to do where fuse-overlayfs does not work.
func fuseOverlayHelp(_ error: IsolationError) -> String? {
  guard case .fuseOverlay(let problem) = error else { return nil }
  return switch problem {
  case .notInstalled: "install it (Debian package fuse-overlayfs), or leave --snapshotter out"
  case .device(ENOENT), .device(ENODEV), .device(ENXIO):
    "as root: modprobe fuse; a container needs --device /dev/fuse; or leave --snapshotter out"
  case .device(EPERM): "a container needs --device /dev/fuse; or leave --snapshotter out"
  case .device: "as root: chmod 666 /dev/fuse, as distributions have it; or leave --snapshotter out"
  case .mount: "it needs the right to mount in a user namespace (Linux 4.18); or leave --snapshotter out"
  case .sharedMounts: "ask for it with --snapshotter fuse-overlayfs"
  case .notStarted: "`slipway doctor` says whether system calls can be passed on; or leave --snapshotter out"
  case .ended: "build once more, or leave --snapshotter out"
  case .colon: "choose another store with --root, or leave --snapshotter out"
  case .unusable: "leave --snapshotter out"
  }
}
