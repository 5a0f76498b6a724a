import CIsolation
import Glibc
import Synchronization

/// What this machine lets the calling user do; each finding comes from really doing it in a child, a few
/// milliseconds each.
package struct IsolationProbe: Sendable, Equatable {
  package enum Finding: Sendable, Equatable {
    case works
    case fails(IsolationError)
    /// Depends on something that fails.
    case notTried
  }

  /// Whether the effective user is 0.
  package var isRoot: Bool
  /// A user namespace with the caller as its only user, with mounts, a new root and all that a process needs.
  package var singleUserNamespace: Finding
  /// The same without a user namespace, for root.
  package var privileged: Finding
  /// The same for root who may not do without one, with every user that this process's own user namespace has: root of
  /// a container.
  package var ownUserNamespace: Finding
  /// The users and groups that this process's user namespace has.
  package var own: IDMapping?
  /// Another root directory and nothing else, with devices; for root.
  package var chroot: Finding
  /// The same with a range of /etc/subuid and /etc/subgid.
  package var rangeUserNamespace: Finding
  /// What /etc/subuid and /etc/subgid grant to the caller, if it is enough.
  package var subordinate: IDMapping?
  /// newuidmap and newgidmap, where both are installed.
  package var hasMapHelpers: Bool
  /// A new /proc; where it fails, the host's is shown read-only.
  package var freshProc: Finding
  /// An overlay in the best user namespace that works, in the scratch directory's file system.
  package var overlay: Finding

  /// The findings of this process, made at the first call; the scratch directory is TMPDIR or /tmp.
  package static func current() -> IsolationProbe {
    cache.withLock { cached in
      if let cached { return cached }
      let probe = IsolationProbe(scratch: defaultScratch())
      cached = probe
      return probe
    }
  }

  private static let cache = Mutex<IsolationProbe?>(nil)

  private static func defaultScratch() -> [UInt8] {
    guard let value = unsafe getenv("TMPDIR") else { return Array("/tmp".utf8) }
    let bytes = Array(unsafe String(cString: value).utf8)
    return bytes.first == 0x2F ? bytes : Array("/tmp".utf8)
  }

  /// Probes now.
  /// - Parameters:
  ///   - scratch: a directory where a temporary one can be made; overlays and devices depend on its file system.
  ///   - mode: if it is enough to know what a build would use that asks for this: what it would not is not tried.
  package init(scratch: [UInt8], for mode: IsolationMode? = nil) {
    isRoot = geteuid() == 0
    singleUserNamespace = .notTried
    privileged = .notTried
    rangeUserNamespace = .notTried
    ownUserNamespace = .notTried
    own = IDMapping.ownOfCaller()
    chroot = .notTried
    subordinate = IDMapping.subordinateOfCaller()
    hasMapHelpers =
      IdentityMapWriter.helper("newuidmap") != nil && IdentityMapWriter.helper("newgidmap") != nil
    freshProc = .notTried
    overlay = .notTried

    let directory: [UInt8]
    do throws(IsolationError) {
      directory = try Self.makeScratch(in: scratch)
    } catch {
      singleUserNamespace = .fails(error)
      return
    }
    defer { Self.removeScratch(directory) }
    let root = RootFilesystem.directory(directory + Array("/root".utf8))
    if isRoot {
      if mode == .chroot {
        chroot = Self.attemptChroot(directory + Array("/root".utf8))
        return
      }
      privileged = Self.attempt(root, .none)
      if mode != nil, privileged == .works { return }
      if let own { ownUserNamespace = Self.attempt(root, .ranges(own)) }
      if mode != nil, ownUserNamespace == .works { return }
      chroot = Self.attemptChroot(directory + Array("/root".utf8))
    }
    singleUserNamespace = Self.attempt(root, .single)
    if mode == .namespace { return }
    if let subordinate, isRoot || hasMapHelpers {
      rangeUserNamespace = isRoot ? .works : Self.attemptRange(directory)
      if rangeUserNamespace == .works { rangeUserNamespace = Self.attempt(root, .ranges(subordinate)) }
    }
    if mode != nil { return }
    guard let best = usableRange.map(UserNamespace.ranges) ?? userNamespace else { return }
    freshProc = Self.attempt(root, best, freshProc: true)
    let names = ["/root", "/upper", "/work"].map { directory + Array($0.utf8) }
    overlay = Self.attempt(.overlay(lower: [names[0]], upper: names[1], work: names[2]), best)
  }

  /// The identities of /etc/subuid that builds of an ordinary user have; nil where there are none, or they cannot be given.
  package var usableRange: IDMapping? { !isRoot && rangeUserNamespace == .works ? subordinate : nil }

  /// What a build has without a range: as root no user namespace if that works, or else one with every user of this
  /// process's; as an ordinary user one with the caller alone.
  package var userNamespace: UserNamespace? {
    if privileged == .works { return UserNamespace.none }
    if isRoot, let own, ownUserNamespace == .works { return .ranges(own) }
    return singleUserNamespace == .works ? .single : nil
  }

  /// Whether a process can have a temporary overlay of directories in the file system of `scratch`, where a
  /// directory is made and removed.
  package static func temporaryOverlay(in scratch: [UInt8], _ namespace: UserNamespace) -> Finding {
    let directory: [UInt8]
    do throws(IsolationError) {
      directory = try makeScratch(in: scratch)
    } catch {
      return .fails(error)
    }
    defer { removeScratch(directory) }
    let names = ["/root", "/upper", "/work"].map { directory + Array($0.utf8) }
    return attempt(
      .overlay(lower: [names[0]], upper: names[1], work: names[2], isTemporary: true), namespace)
  }

  private static func attempt(
    _ root: RootFilesystem, _ namespace: UserNamespace, freshProc: Bool = false
  ) -> Finding {
    let spec = ProcessSpec(root: root, arguments: [Array("/".utf8)])
    var plan = MountPlan(for: spec, networkIsOwn: false)
    if freshProc { plan.operations[0].isOptional = false }
    do throws(IsolationError) {
      let executor = NamespaceExecutor(userNamespace: namespace)
      let status = try executor.run(spec, plan: plan, dryRun: true, cancellation: nil) { _ in }
      return status == .exited(0) ? .works : .fails(.system(call: "dry run", errno: status.shellCode))
    } catch {
      return .fails(error)
    }
  }

  private static func attemptRange(_ folder: [UInt8]) -> Finding {
    do throws(IsolationError) {
      try makeRangeNamespace(for: folder, enters: false)
      return .works
    } catch {
      return .fails(error)
    }
  }

  private static func attemptChroot(_ root: [UInt8]) -> Finding {
    do throws(IsolationError) {
      let spec = ProcessSpec(root: .directory(root), arguments: [Array("/".utf8)])
      let status = try ChrootExecutor().run(spec, dryRun: true, cancellation: nil) { _ in }
      return status == .exited(0) ? .works : .fails(.system(call: "dry run", errno: status.shellCode))
    } catch {
      return .fails(error)
    }
  }

  private static func makeScratch(in parent: [UInt8]) throws(IsolationError) -> [UInt8] {
    var template = parent + Array("/slipway-probe-XXXXXX".utf8) + [0]
    let isMade = unsafe template.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return false }
      return unsafe mkdtemp(base.assumingMemoryBound(to: CChar.self)) != nil
    }
    guard isMade else { throw .system(call: "mkdtemp", errno: errno) }
    template.removeLast()
    for name in ["/root", "/upper", "/work"] {
      guard unsafe withCString(template + Array(name.utf8), { unsafe mkdir($0, 0o755) }) == 0 else {
        let error = errno
        removeScratch(template)
        throw .system(call: "mkdir", errno: error)
      }
    }
    return template
  }

  private static func removeScratch(_ directory: [UInt8]) {
    // An overlay leaves an empty directory "work", and "index" on older kernels, in its work directory; a temporary
    // one a mark that it has been used.
    let used = "/work/work/incompat/volatile"
    _ = unsafe withCString(directory + Array("\(used)/dirty".utf8)) { unsafe unlink($0) }
    for name in [
      used, "/work/work/incompat", "/work/work", "/work/index", "/work", "/upper", "/root", "",
    ] {
      _ = unsafe withCString(directory + Array(name.utf8)) { unsafe rmdir($0) }
    }
  }
}
