import CIsolation
import Glibc

/// One thing that the child does to the new root's mounts, in the terms of `struct isolation_mount`.
struct MountOperation: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    case bind(source: [UInt8], below: [UInt8]?)
    case filesystem(type: String, options: [String])
    case content([UInt8], mode: UInt16, uid: UInt32, gid: UInt32)
    case symlink(to: [UInt8])
    case mask
    case readOnly
    /// A node of its own for a character device.
    case device(major: UInt32, minor: UInt32)
  }

  var kind: Kind
  var target: [UInt8]
  var attributes: MountAttributes = []
  var isDirectory = false
  /// A failure is no error.
  var isOptional = false
  /// Only if the operation before failed.
  var isFallback = false
}

/// MOUNT_ATTR_* of mount_setattr(2).
struct MountAttributes: OptionSet, Sendable {
  let rawValue: UInt64

  init(rawValue: UInt64) { self.rawValue = rawValue }

  static let readOnly = MountAttributes(rawValue: isolation_attribute_read_only)
  static let noSetUserID = MountAttributes(rawValue: isolation_attribute_nosuid)
  static let noDevices = MountAttributes(rawValue: isolation_attribute_nodev)
  static let noExecute = MountAttributes(rawValue: isolation_attribute_noexec)
  static let inert: MountAttributes = [.noSetUserID, .noDevices, .noExecute]
}

/// All mounts of a process, in order.
///
/// The standard ones are those of the OCI runtime specification, "Default Filesystems"; masked and read-only paths
/// are what container engines agree on. Device nodes are the root's own where they can be made, so that a change of their mode
/// stays in it. Otherwise, as in a user namespace, they are the host's, and cannot be changed.
struct MountPlan: Sendable, Equatable {
  var operations: [MountOperation]

  init(operations: [MountOperation]) { self.operations = operations }

  /// `networkIsOwn` decides whether a new sysfs may be mounted.
  init(for spec: ProcessSpec, networkIsOwn: Bool) {
    operations =
      Self.kernelFilesystems(networkIsOwn: networkIsOwn)
      + Self.devices(spec) + Self.restrictions()
    if let hosts = spec.hosts {
      operations.append(Self.configuration(hosts, at: "/etc/hosts"))
    }
    if let resolver = spec.resolverConfiguration {
      operations.append(Self.configuration(resolver, at: "/etc/resolv.conf"))
    }
    // Nobody would see what is below: /dev/shm and the like, with the caller's own mount on it.
    let targets = Set(spec.mounts.map(\.target))
    operations.removeAll { operation in
      if case .filesystem = operation.kind { targets.contains(operation.target) } else { false }
    }
    // A mount must come before those below it; the order of targets sees to that.
    let sorted = spec.mounts.enumerated().sorted { left, right in
      left.element.target == right.element.target
        ? left.offset < right.offset
        : left.element.target.lexicographicallyPrecedes(right.element.target)
    }
    operations += sorted.map { Self.operation(for: $0.element) }
  }

  private static func kernelFilesystems(networkIsOwn: Bool) -> [MountOperation] {
    var list = [
      filesystem("proc", at: "/proc", .inert, optional: true),
      // Where the host's own /proc is masked, the kernel refuses a new one to a user namespace.
      MountOperation(
        kind: .bind(source: bytes("/proc"), below: nil), target: bytes("/proc"),
        attributes: [.inert, .readOnly], isDirectory: true, isFallback: true),
    ]
    var host = MountOperation(
      kind: .bind(source: bytes("/sys"), below: nil), target: bytes("/sys"), attributes: [.inert, .readOnly],
      isDirectory: true, isOptional: true)
    if networkIsOwn {
      list.append(filesystem("sysfs", at: "/sys", [.inert, .readOnly], optional: true))
      host.isFallback = true
    }
    list.append(host)
    return list
  }

  /// The devices of /dev, by their numbers (the kernel's admin-guide/devices.txt).
  private static let deviceNodes: [(name: String, major: UInt32, minor: UInt32)] = [
    ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0),
  ]

  /// The links of /dev.
  static let deviceLinks = [
    ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"), ("core", "/proc/kcore"), ("ptmx", "pts/ptmx"),
  ]

  private static func devices(_ spec: ProcessSpec) -> [MountOperation] {
    var list = [
      filesystem("tmpfs", at: "/dev", [.noSetUserID, .noDevices], ["mode", "755", "size", "65536k"])
    ]
    for (name, major, minor) in deviceNodes {
      list.append(
        MountOperation(
          kind: .device(major: major, minor: minor), target: bytes("/dev/" + name),
          attributes: [.noSetUserID, .noExecute], isOptional: true))
      list.append(
        MountOperation(
          kind: .bind(source: bytes("/dev/" + name), below: nil), target: bytes("/dev/" + name),
          attributes: [.noSetUserID, .noExecute, .readOnly], isOptional: name == "tty", isFallback: true))
    }
    list += [
      filesystem(
        "devpts", at: "/dev/pts", [.noSetUserID, .noExecute],
        ["newinstance", "", "ptmxmode", "0666", "mode", "0620"], optional: spec.terminal == nil),
      filesystem(
        "tmpfs", at: "/dev/shm", .inert,
        ["mode", "1777", "size", spec.sharedMemory.map { "\($0)" } ?? "65536k"]),
      filesystem("mqueue", at: "/dev/mqueue", .inert, optional: true),
    ]
    for (name, destination) in deviceLinks {
      list.append(MountOperation(kind: .symlink(to: bytes(destination)), target: bytes("/dev/" + name)))
    }
    return list
  }

  private static func restrictions() -> [MountOperation] {
    let masked = [
      "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
      "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
      "/sys/devices/virtual/powercap", "/sys/firmware",
    ]
    let readOnly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
    return (masked + throttling).map { MountOperation(kind: .mask, target: bytes($0)) }
      + readOnly.map { MountOperation(kind: .readOnly, target: bytes($0)) }
  }

  /// What tells how warm each processor of the host has been.
  private static let throttling: [String] = {
    let processors = Int(sysconf(Int32(_SC_NPROCESSORS_CONF)))
    return (0..<max(1, processors)).map { "/sys/devices/system/cpu/cpu\($0)/thermal_throttle" }
      .filter { unsafe access($0, F_OK) == 0 }
  }()

  private static func operation(for mount: Mount) -> MountOperation {
    switch mount.kind {
    case .bind(let source, let writable):
      MountOperation(
        kind: .bind(source: source.path, below: source.base), target: mount.target,
        attributes: writable ? .noDevices : [.noDevices, .readOnly], isDirectory: source.isDirectory)
    case .temporary(let size, let writable):
      MountOperation(
        kind: .filesystem(
          type: "tmpfs", options: ["mode", "1777"] + (size.map { ["size", String($0)] } ?? [])),
        target: mount.target,
        attributes: writable ? .noSetUserID : [.noSetUserID, .readOnly], isDirectory: true)
    case .file(let content, let mode, let uid, let gid, let writable):
      MountOperation(
        kind: .content(content, mode: mode, uid: uid, gid: gid), target: mount.target,
        attributes: writable ? .inert : [.inert, .readOnly])
    }
  }

  private static func configuration(_ content: [UInt8], at path: String) -> MountOperation {
    MountOperation(
      kind: .content(content, mode: 0o644, uid: 0, gid: 0), target: bytes(path), attributes: .inert)
  }

  private static func filesystem(
    _ type: String, at target: String, _ attributes: MountAttributes, _ options: [String] = [],
    optional: Bool = false
  ) -> MountOperation {
    MountOperation(
      kind: .filesystem(type: type, options: options), target: bytes(target), attributes: attributes,
      isDirectory: true, isOptional: optional)
  }

  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
}
