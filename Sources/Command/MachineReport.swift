import Glibc
import Isolation
import Registry

/// What this machine offers to builds, one line for each thing.
struct MachineReport {
  struct Check {
    enum Status: String {
      case works, fails
      /// Neither good nor bad.
      case note
    }

    var name: String
    var status: Status
    var detail: String
    /// What to do about it.
    var advice: String?
  }

  private(set) var checks: [Check] = []

  init(_ probe: IsolationProbe, store: [UInt8]?, scratch: [UInt8]) {
    addSystem()
    for namespace in MachineProbe.Namespace.allCases {
      add("\(namespace.rawValue) namespace", error: MachineProbe.attempt(namespace))
    }
    addArrangements(probe)
    add("filter of system calls", error: MachineProbe.filterSupport())
    add("notification of system calls", error: MachineProbe.attemptNotification())
    addIdentities(probe)
    addControlGroups()
    addFuse()
    addStore(store, scratch)
    addPrograms()
  }

  private mutating func report(
    _ name: String, _ status: Check.Status, _ detail: String = "", advice: String? = nil
  ) {
    checks.append(Check(name: name, status: status, detail: detail, advice: advice))
  }

  private mutating func add(_ name: String, error: Int32) {
    report(name, error == 0 ? .works : .fails, error == 0 ? "" : errorText(error))
  }

  private mutating func add(_ name: String, _ finding: IsolationProbe.Finding, advice: String? = nil) {
    switch finding {
    case .works: report(name, .works)
    case .fails(let error): report(name, .fails, error.summary, advice: advice)
    // It is not for this user, or depends on something that fails and has its own line.
    case .notTried: break
    }
  }

  private mutating func addSystem() {
    var system = utsname()
    guard unsafe uname(&system) == 0 else { return }
    let release = text(&system.release)
    let isRecent = MachineProbe.kernelVersion >= (5, 12)
    report(
      "kernel", isRecent ? .works : .fails, "Linux \(release), \(text(&system.machine))",
      advice: isRecent ? nil : "RUN needs Linux 5.12 or later.")
    let user = geteuid() == 0 ? "root" : "user \(geteuid()), group \(getegid())"
    let power = MachineProbe.isAdministrator ? ", with CAP_SYS_ADMIN" : ", without CAP_SYS_ADMIN"
    report("user", .note, user + (geteuid() == 0 ? power : ""))
    report("container", .note, Self.container ?? "none that shows")
  }

  /// What this process runs in, by the marks that it leaves.
  private static var container: String? {
    if environment("KUBERNETES_SERVICE_HOST") != nil { return "Kubernetes" }
    if unsafe access("/run/.containerenv", F_OK) == 0 { return "podman" }
    if unsafe access("/.dockerenv", F_OK) == 0 { return "docker" }
    return environment("container").map { String(decoding: $0, as: UTF8.self) }
  }

  private mutating func addArrangements(_ probe: IsolationProbe) {
    add("RUN in namespaces of root", probe.privileged)
    add("RUN in a user namespace with all users", probe.ownUserNamespace)
    add("RUN in a user namespace with one user", probe.singleUserNamespace)
    add("RUN in a user namespace with /etc/subuid", probe.rangeUserNamespace)
    add(
      "RUN by a change of the root", probe.chroot,
      advice: probe.userNamespace == nil
        ? "It needs CAP_SYS_CHROOT and CAP_MKNOD, as docker gives them, and a store on a file system with devices."
        : nil)
    add("/proc of its own for RUN", probe.freshProc)
    add("overlays in the store's file system", probe.overlay)
  }

  private mutating func addIdentities(_ probe: IsolationProbe) {
    let range = probe.subordinate.flatMap { $0.users.last }
    report(
      "/etc/subuid and /etc/subgid", .note,
      range.map { "\($0.count) identities from \($0.outside)" } ?? "no range of 65536; \(Self.forRange)")
    report(
      "newuidmap and newgidmap", .note, probe.hasMapHelpers ? "installed" : "not installed; \(Self.forRange)")
  }

  private static let forRange = "without them users are emulated"

  private mutating func addControlGroups() {
    let limits = LimitsReport()
    report(
      "limits of RUN by cgroups", limits.kept.isEmpty ? .fails : .works, limits.text, advice: limits.advice)
  }

  private mutating func addFuse() {
    let device = unsafe open("/dev/fuse", O_RDWR | O_CLOEXEC)
    let error = errno
    if device >= 0 { close(device) }
    report("/dev/fuse", .note, (device >= 0 ? "can be opened" : errorText(error)) + "; \(Self.forFuse)")
    report("fuse-overlayfs", .note, (FuseOverlayMount.program ?? "not installed") + "; \(Self.forFuse)")
  }

  private static let forFuse = "used where the kernel mounts no overlay in a store on a network file system"

  private mutating func addStore(_ store: [UInt8]?, _ scratch: [UInt8]) {
    guard let store else {
      report("store", .fails, "there is no folder for it", advice: "Set --root, SLIPWAY_ROOT or HOME.")
      return
    }
    let path = String(decoding: store, as: UTF8.self)
    do throws(IsolationError) {
      let system = try MachineProbe.fileSystem(of: scratch)
      let blocks = system.sharesBlocks ? "copies share their blocks" : "copies take room"
      let attributes = system.hasAttributes ? "user attributes" : "no user attributes"
      report("store", .works, "\(path): \(system.name), \(blocks), \(attributes)")
    } catch {
      report(
        "store", .fails, "\(path): \(error.summary)",
        advice: "Name a folder that can be written with --root or SLIPWAY_ROOT.")
    }
  }

  private mutating func addPrograms() {
    if let failure = CurlTransport.libraryFailure {
      report(
        "libcurl", .fails, failure,
        advice: "Install libcurl (Debian: libcurl4); without it registries and URLs cannot be reached.")
    } else {
      report("libcurl", .works)
    }
    let git = programPath("git")
    report(
      "git", git == nil ? .fails : .works, git ?? "not installed",
      advice: git == nil ? "Install git to build from repositories." : nil)
    let others = ["ssh-agent", "docker", "podman", "buildah", "buildctl", "runc", "crun", "skopeo"].filter {
      programPath($0) != nil
    }
    report(
      "other programs", .note, others.isEmpty ? "none; not needed" : others.joined(separator: " "))
  }

  /// A text of utsname.
  private func text<Field>(_ field: inout Field) -> String {
    unsafe withUnsafeBytes(of: &field) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

/// Where PATH has a program.
private func programPath(_ name: String) -> String? {
  let folders = String(decoding: environment("PATH") ?? [], as: UTF8.self).split(separator: ":")
  return folders.map { "\($0)/\(name)" }.first { unsafe access($0, X_OK) == 0 }
}
