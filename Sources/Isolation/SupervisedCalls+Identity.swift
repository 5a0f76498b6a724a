import CIsolation
import FileTree
import Glibc

// Who a process is: the calls of credentials(7).
extension SupervisedCalls {
  mutating func identity(_ call: isolation_call) throws(CallError) -> CallOutcome {
    let (first, second, third) = (
      UInt32(truncatingIfNeeded: call.values.0), UInt32(truncatingIfNeeded: call.values.1),
      UInt32(truncatingIfNeeded: call.values.2)
    )
    switch isolation_operation(UInt32(bitPattern: call.operation)) {
    case ISOLATION_CALL_GETUID: return .value(Int64(state(of: call).credentials.user.real))
    case ISOLATION_CALL_GETEUID: return .value(Int64(state(of: call).credentials.user.effective))
    case ISOLATION_CALL_GETGID: return .value(Int64(state(of: call).credentials.group.real))
    case ISOLATION_CALL_GETEGID: return .value(Int64(state(of: call).credentials.group.effective))
    case ISOLATION_CALL_GETRESUID: return try tell(state(of: call).credentials.user, call)
    case ISOLATION_CALL_GETRESGID: return try tell(state(of: call).credentials.group, call)
    case ISOLATION_CALL_GETGROUPS: return try tellGroups(call)
    case ISOLATION_CALL_SETUID:
      guard first != Credentials.unchanged else { throw CallError(code: EINVAL) }
      return try change(call) { $0.set(\.user, first) }
    case ISOLATION_CALL_SETGID:
      guard first != Credentials.unchanged else { throw CallError(code: EINVAL) }
      return try change(call) { $0.set(\.group, first) }
    case ISOLATION_CALL_SETREUID:
      return try change(call) { $0.set(\.user, real: first, effective: second) }
    case ISOLATION_CALL_SETREGID:
      return try change(call) { $0.set(\.group, real: first, effective: second) }
    case ISOLATION_CALL_SETRESUID:
      return try change(call) { $0.set(\.user, real: first, effective: second, saved: third) }
    case ISOLATION_CALL_SETRESGID:
      return try change(call) { $0.set(\.group, real: first, effective: second, saved: third) }
    case ISOLATION_CALL_SETFSUID: return try changeFile(call, \.user, first)
    case ISOLATION_CALL_SETFSGID: return try changeFile(call, \.group, first)
    case ISOLATION_CALL_SETGROUPS: return try setGroups(call)
    case ISOLATION_CALL_CAPGET: return try tellCapabilities(call)
    case ISOLATION_CALL_CAPSET: return try setCapabilities(call)
    case ISOLATION_CALL_KEEP:
      guard call.values.0 == Self.keepCapabilities else { return .proceed }
      _ = try change(call) { credentials in
        credentials.capabilities.areKept = call.values.1 == 1
        return true
      }
      return .proceed
    default: return .proceed
    }
  }

  private mutating func change(
    _ call: isolation_call, _ body: (inout Credentials) -> Bool
  ) throws(CallError) -> CallOutcome {
    let before = state(of: call)
    var after = before
    guard body(&after.credentials) else { throw CallError(code: EPERM) }
    if after != before { try set(after, of: call) }
    return .value(0)
  }

  private mutating func changeFile(
    _ call: isolation_call, _ kind: WritableKeyPath<Credentials, Credentials.Identities>, _ id: UInt32
  ) throws(CallError) -> CallOutcome {
    let before = state(of: call)
    var after = before
    let old = after.credentials.setFile(kind, id)
    if after != before { try set(after, of: call) }
    return .value(Int64(old))
  }

  /// Writes three numbers to three addresses.
  private func tell(_ ids: Credentials.Identities, _ call: isolation_call) throws(CallError) -> CallOutcome {
    for (address, id) in [
      (call.values.0, ids.real), (call.values.1, ids.effective), (call.values.2, ids.saved),
    ] {
      var id = id
      try CallError.check(unsafe isolation_write_memory(call.pid, address, &id, 4))
    }
    return .value(0)
  }

  private func tellGroups(_ call: isolation_call) throws(CallError) -> CallOutcome {
    let groups = state(of: call).credentials.groups
    let room = Int32(truncatingIfNeeded: call.values.0)
    guard room >= 0 else { throw CallError(code: EINVAL) }
    if room > 0 {
      guard groups.count <= room else { throw CallError(code: EINVAL) }
      try checkPending(call)
      if !groups.isEmpty {
        try CallError.check(
          unsafe groups.withUnsafeBytes {
            unsafe isolation_write_memory(call.pid, call.values.1, $0.baseAddress, $0.count)
          })
      }
    }
    return .value(Int64(groups.count))
  }

  private mutating func setGroups(_ call: isolation_call) throws(CallError) -> CallOutcome {
    let count = Int(UInt32(truncatingIfNeeded: call.values.0))
    guard state(of: call).credentials.capabilities.has(.setGroup) else { throw CallError(code: EPERM) }
    guard count <= Credentials.mostGroups else { throw CallError(code: EINVAL) }
    var groups = [UInt32](repeating: 0, count: count)
    if count > 0 {
      try CallError.check(
        unsafe groups.withUnsafeMutableBytes {
          unsafe isolation_read_memory(call.pid, call.values.1, $0.baseAddress, $0.count)
        })
      try checkPending(call)
    }
    return try change(call) { $0.setGroups(groups.sorted()) }
  }

  /// PR_SET_KEEPCAPS.
  private static let keepCapabilities: UInt64 = 8

  /// How many halves the sets have in a version of capget(2) and capset(2); nil for one that the kernel has to refuse.
  private func halves(_ call: isolation_call) throws(CallError) -> Int? {
    var version: UInt32 = 0
    try CallError.check(unsafe isolation_read_memory(call.pid, call.values.0, &version, 4))
    try checkPending(call)
    return switch version {
    case 0x1998_0330: 1
    case 0x2007_1026, 0x2008_0522: 2
    default: nil
    }
  }

  /// capget(2). The kernel's own sets are those of the only user there is.
  private func tellCapabilities(_ call: isolation_call) throws(CallError) -> CallOutcome {
    guard call.values.1 != 0, let halves = try halves(call) else { return .proceed }
    let sets = state(of: call).credentials.capabilities
    var words: [UInt32] = []
    for shift in [UInt64(0), 32].prefix(halves) {
      for set in [sets.effective, sets.permitted, sets.inheritable] {
        words.append(UInt32(truncatingIfNeeded: set >> shift))
      }
    }
    try CallError.check(
      unsafe words.withUnsafeBytes {
        unsafe isolation_write_memory(call.pid, call.values.1, $0.baseAddress, $0.count)
      })
    return .value(0)
  }

  /// capset(2).
  private mutating func setCapabilities(_ call: isolation_call) throws(CallError) -> CallOutcome {
    guard let halves = try halves(call) else { return .proceed }
    var words = [UInt32](repeating: 0, count: 6)
    try CallError.check(
      unsafe words.withUnsafeMutableBytes {
        unsafe isolation_read_memory(call.pid, call.values.1, $0.baseAddress, halves * 12)
      })
    try checkPending(call)
    let sets = (0..<3).map { UInt64(words[$0]) | UInt64(words[$0 + 3]) << 32 }
    return try change(call) {
      $0.capabilities.set(effective: sets[0], permitted: sets[1], inheritable: sets[2])
    }
  }

  /// The kernel starts the program; whom it then is, is settled before. A program that does not start after all leaves a
  /// process with other credentials, which only matters for a set-id program that the kernel cannot load.
  mutating func execute(_ call: isolation_call) -> CallOutcome {
    let before = state(of: call)
    var after = before
    do throws(CallError) {
      let object = try open(call)
      let status = try self.status(of: object.raw)
      guard status.mode & S_IFMT == S_IFREG else { return .proceed }
      var (uid, gid): (UInt32?, UInt32?) = (nil, nil)
      let gives = (user: status.mode & S_ISUID != 0, group: status.mode & 0o2010 == 0o2010)
      if gives.user || gives.group, isolation_is_script(object.raw) == 0,
        isolation_gains_nothing(processes, call.pid) == 0
      {
        let owner = record(of: object.raw, status).owner
        if gives.user { uid = owner.uid }
        if gives.group { gid = owner.gid }
      }
      after.credentials.execute(settingUser: uid, settingGroup: gid)
      if after != before { try set(after, of: call) }
    } catch {
      // The kernel finds the same, and says so.
    }
    return .proceed
  }
}
