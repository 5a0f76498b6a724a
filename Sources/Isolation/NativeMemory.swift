import CIsolation
import Glibc

/// Memory outside Swift's care, for the pointers of a C structure; freed with its owner.
@safe struct NativeMemory: ~Copyable {
  private var blocks: [UnsafeMutableRawPointer] = unsafe []

  init() {}

  deinit {
    unsafe blocks.forEach { unsafe $0.deallocate() }
  }

  /// A copy of the elements. Never empty memory, so that the pointer is valid.
  @unsafe mutating func array<Element>(_ elements: [Element]) -> UnsafePointer<Element> {
    let size = max(1, elements.count * MemoryLayout<Element>.stride)
    let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    unsafe blocks.append(block)
    let typed = unsafe block.bindMemory(to: Element.self, capacity: elements.count)
    for (index, element) in elements.enumerated() { unsafe (typed + index).initialize(to: element) }
    return unsafe UnsafePointer(typed)
  }

  /// The bytes with a NUL behind them.
  @unsafe mutating func string(_ bytes: [UInt8]) -> UnsafePointer<CChar> {
    unsafe array((bytes + [0]).map { CChar(bitPattern: $0) })
  }

  /// The strings with a null pointer behind them.
  @unsafe mutating func strings(_ list: [[UInt8]]) -> UnsafePointer<UnsafePointer<CChar>?> {
    var pointers: [UnsafePointer<CChar>?] = unsafe []
    for bytes in list { unsafe pointers.append(string(bytes)) }
    unsafe pointers.append(nil)
    return unsafe array(pointers)
  }
}

/// The descriptors that a child takes over.
struct ChildDescriptors {
  var input: CInt
  var output: CInt
  var error: CInt
  var go: CInt
  var report: CInt
  /// -1 for a process without a terminal.
  var terminal: CInt
  /// -1 for a process without a supervisor.
  var supervisor: CInt
}

extension NativeMemory {
  /// CAP_SYS_CHROOT: a second change of the root leads out of the first one.
  private static var changeOfRoot: UInt64 { 1 << 18 }

  /// What the C side reads; valid as long as this memory.
  @unsafe mutating func specification(
    _ spec: ProcessSpec, plan: MountPlan, namespace: UserNamespace, descriptors: ChildDescriptors,
    dryRun: Bool, changesRootOnly: Bool
  ) -> isolation_spec {
    var native = unsafe isolation_spec()
    if changesRootOnly {
      unsafe native.change_root_only = 1
    } else {
      unsafe native.clone_flags = isolation_clone_always
    }
    if namespace != .none { unsafe native.clone_flags |= isolation_clone_user }
    if spec.network == .none, !changesRootOnly {
      unsafe native.clone_flags |= isolation_clone_network
      unsafe native.loopback_up = 1
    }
    unsafe native.standard_input = descriptors.input
    unsafe native.standard_output = descriptors.output
    unsafe native.standard_error = descriptors.error
    unsafe native.go = descriptors.go
    unsafe native.report = descriptors.report
    unsafe native.terminal = descriptors.terminal
    unsafe native.supervisor = descriptors.supervisor
    switch spec.root {
    case .directory(let path):
      unsafe native.root = unsafe string(path)
    case .overlay(let lower, let upper, let work, let isTemporary):
      unsafe native.announce_root = 1
      unsafe native.root = unsafe string(upper)
      unsafe native.lower = unsafe strings(lower)
      unsafe native.upper = unsafe string(upper)
      unsafe native.work = unsafe string(work)
      // Redirects and data-less copies would make the upper directory unreadable without the lower ones.
      var options = namespace == .none ? ",redirect_dir=off,metacopy=off,index=off" : ",userxattr,index=off"
      if isTemporary { options += ",volatile" }
      unsafe native.overlay_options = unsafe string(Array(options.utf8))
    }
    let mounts = unsafe plan.operations.map { unsafe mount($0) }
    unsafe native.mounts = unsafe array(mounts)
    unsafe native.mount_count = mounts.count
    unsafe native.hostname = unsafe string(spec.hostname)
    unsafe native.working_directory = unsafe string(spec.workingDirectory)
    if MachineProbe.limitsProcessesByNamespace, !changesRootOnly {
      unsafe native.process_limit = unsafe string(Array(String(spec.processLimit).utf8))
    }
    if spec.controlGroup != nil, !changesRootOnly { unsafe native.own_control_groups = 1 }
    let limits = Self.limits(spec, hasUserNamespace: namespace != .none).map {
      isolation_limit(resource: $0.resource.rawValue, soft: $0.soft ?? .max, hard: $0.hard ?? .max)
    }
    unsafe native.limits = unsafe array(limits)
    unsafe native.limit_count = limits.count
    let supervision = spec.supervision(in: namespace)
    let isSupervised = supervision == .identities
    switch supervision {
    case .none: break
    case .identities:
      let kind = spec.user.isOnlyRoot ? ISOLATION_SUPERVISED_IF_POSSIBLE : ISOLATION_SUPERVISED
      unsafe native.supervised = Int32(bitPattern: kind.rawValue)
    case .owners: unsafe native.supervised = Int32(bitPattern: ISOLATION_OWNERS_SUPERVISED.rawValue)
    }
    unsafe native.uid = isSupervised ? 0 : spec.user.uid
    unsafe native.gid = isSupervised ? 0 : spec.user.gid
    unsafe native.groups = unsafe array(spec.user.groups)
    unsafe native.group_count = spec.user.groups.count
    unsafe native.set_groups = namespace == .single || isSupervised ? 0 : 1
    unsafe native.capabilities =
      changesRootOnly ? Capabilities.containers & ~Self.changeOfRoot : Capabilities.containers
    unsafe native.filter = unsafe array(SystemCallFilter.native)
    unsafe native.filter_length = SystemCallFilter.native.count
    // Root of a container without CAP_SYS_ADMIN; the container has a filter of its own.
    unsafe native.filter_optional = changesRootOnly ? 1 : 0
    unsafe native.programs = unsafe strings(spec.programs)
    unsafe native.arguments = unsafe strings(spec.arguments)
    unsafe native.environment = unsafe strings(spec.environment.map { $0.name + [0x3D] + $0.value })
    unsafe native.dry_run = dryRun ? 1 : 0
    return unsafe native
  }

  /// What is set, in this order: the limits that every process has, unless it has others, and its own.
  static func limits(_ spec: ProcessSpec, hasUserNamespace: Bool) -> [ResourceLimit] {
    let standard = standardLimits(spec, hasUserNamespace: hasUserNamespace).filter { limit in
      !spec.limits.contains { $0.resource == limit.resource }
    }
    return standard + spec.limits
  }

  private static func standardLimits(_ spec: ProcessSpec, hasUserNamespace: Bool) -> [ResourceLimit] {
    // One byte is less than any core has. Unlike 0 it also keeps the kernel from starting the program of core_pattern, a
    // pipe, for which sizes do not count (core(5)).
    var limits = [lowered(.core, to: 1)]
    // Counted for the user in this user namespace alone; the kernel exempts root.
    if hasUserNamespace { limits.append(lowered(.processes, to: UInt64(spec.processLimit))) }
    if let openFiles = OpenFileLimit.forCommands { limits.append(openFiles) }
    return limits
  }

  /// Nobody but root may raise a limit.
  private static func lowered(_ resource: ResourceLimit.Resource, to value: UInt64) -> ResourceLimit {
    var current = rlimit()
    let isKnown = unsafe getrlimit(__rlimit_resource_t(UInt32(resource.rawValue)), &current) == 0
    let limit = isKnown ? min(value, UInt64(current.rlim_max)) : value
    return ResourceLimit(resource, soft: limit, hard: limit)
  }

  @unsafe private mutating func mount(_ operation: MountOperation) -> isolation_mount {
    var native = unsafe isolation_mount()
    unsafe native.target = unsafe string(operation.target)
    unsafe native.attributes = operation.attributes.rawValue
    var flags: UInt32 = 0
    if operation.isOptional { flags |= ISOLATION_MOUNT_OPTIONAL.rawValue }
    if operation.isFallback { flags |= ISOLATION_MOUNT_FALLBACK.rawValue }
    if operation.isDirectory { flags |= ISOLATION_MOUNT_DIRECTORY.rawValue }
    unsafe native.flags = flags
    let kind: isolation_mount_kind
    switch operation.kind {
    case .bind(let source, let base):
      kind = ISOLATION_MOUNT_BIND
      unsafe native.source = unsafe string(source)
      if let base { unsafe native.source_root = unsafe string(base) }
    case .filesystem(let type, let options):
      kind = ISOLATION_MOUNT_FILESYSTEM
      unsafe native.source = unsafe string(Array(type.utf8))
      unsafe native.options = unsafe strings(options.map { Array($0.utf8) })
    case .content(let content, let mode, let uid, let gid):
      kind = ISOLATION_MOUNT_CONTENT
      unsafe native.content = unsafe array(content)
      unsafe native.content_length = content.count
      unsafe native.mode = UInt32(mode)
      unsafe native.uid = uid
      unsafe native.gid = gid
    case .symlink(let destination):
      kind = ISOLATION_MOUNT_SYMLINK
      unsafe native.source = unsafe string(destination)
    case .mask:
      kind = ISOLATION_MOUNT_MASK
    case .readOnly:
      kind = ISOLATION_MOUNT_READ_ONLY
    case .device(let major, let minor):
      kind = ISOLATION_MOUNT_DEVICE
      unsafe native.device_major = major
      unsafe native.device_minor = minor
    }
    unsafe native.kind = Int32(bitPattern: kind.rawValue)
    return unsafe native
  }
}
