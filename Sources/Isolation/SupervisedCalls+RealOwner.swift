import CIsolation
import FileTree
import Glibc

// Processes that have identities of their own: the kernel checks what they may, and files have their owners on the disk. What
// the disk cannot hold is recorded as it is for others: devices, and owners that the user namespace does not have.
extension SupervisedCalls {
  /// What the kernel says of a process.
  func realState(of call: isolation_call) throws(CallError) -> CredentialTable.State {
    var text = [CChar](repeating: 0, count: 8192)
    let count = unsafe isolation_read_status(processes, call.pid, &text, text.count)
    try CallError.check(count)
    try checkPending(call)
    let lines = text.prefix(Int(count)).split(separator: 0x0A).map { line in
      String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    func values(_ name: String) -> [Substring] {
      let line = lines.first { $0.hasPrefix(name) }
      return line?.dropFirst(name.count).split { $0 == "\t" || $0 == " " } ?? []
    }
    func identities(_ name: String) throws(CallError) -> Credentials.Identities {
      let numbers = values(name).compactMap { UInt32($0) }
      guard numbers.count == 4 else { throw CallError(code: EPERM) }
      var result = Credentials.Identities(numbers[0])
      (result.effective, result.saved, result.file) = (numbers[1], numbers[2], numbers[3])
      return result
    }
    var credentials = Credentials.root
    credentials.user = try identities("Uid:")
    credentials.group = try identities("Gid:")
    credentials.groups = values("Groups:").compactMap { UInt32($0) }
    let capabilities = values("CapEff:").first.flatMap { UInt64($0, radix: 16) } ?? 0
    credentials.capabilities = Capabilities(effective: capabilities, permitted: capabilities)
    let mask = values("Umask:").first.flatMap { UInt32($0, radix: 8) } ?? 0o022
    return CredentialTable.State(credentials: credentials, mask: mask)
  }

  private static let deviceFolder = "/dev/".utf8.map { CChar(bitPattern: $0) }

  /// chown(2) and its kin. The kernel does what the disk can hold; what has a record, or needs one, is done here.
  func changeRealOwner(_ call: isolation_call) throws(CallError) -> CallOutcome {
    guard let disk else { return .proceed }
    let (uid, gid) = (
      UInt32(truncatingIfNeeded: call.values.0), UInt32(truncatingIfNeeded: call.values.1)
    )
    let isHeld =
      (uid == Credentials.unchanged || disk.has(user: uid))
      && (gid == Credentials.unchanged || disk.has(group: gid))
    try readPath(call)
    let mayBeDevice = unsafe text.starts(with: Self.deviceFolder)
    if isHeld, !hasOtherRoots, ledger.isEmpty, !mayBeDevice {
      // One system call for nearly every file.
      let isDescriptor = unsafe text[0] == 0
      let follows = isDescriptor || call.flags & Self.noFollow == 0
      let count = unsafe isolation_get_named_attribute(
        call.pid, call.directory, text.baseAddress, follows ? 1 : 0, Self.markName, attribute.baseAddress,
        attribute.count)
      if count < 0 { return .proceed }
    }
    let object = try openText(call, followsLast: call.flags & Self.noFollow == 0)
    let status = try self.status(of: object.raw)
    let before = record(of: object.raw, status)
    // What is mounted into the step may be nobody's here, as /dev/null is.
    let isMounted = status.device != device && status.mode & S_IFMT == S_IFCHR
    if isHeld, isVoid(before), !isMounted { return .proceed }
    let caller = try realState(of: call).credentials
    guard caller.mayChange(uid: uid, gid: gid, from: (before.owner.uid, before.owner.gid)) else {
      throw CallError(code: EPERM)
    }
    var record = before
    if uid != Credentials.unchanged { record.owner.uid = uid }
    if gid != Credentials.unchanged { record.owner.gid = gid }
    if status.mode & S_IFMT == S_IFREG {
      record.capability = nil
      if let mode = record.mode { record.mode = mode & ~(mode & 0o010 == 0 ? 0o4000 : 0o6000) }
    }
    if isMounted {
      let given = isolation_give(object.raw, uid, gid)
      if given != -EPERM, given != -EINVAL, given != -EROFS { try CallError.check(given) }
      return .value(0)
    }
    // A real change: the kernel takes set-id bits and capabilities away, and notes the time.
    let owner = disk.held(record.owner, otherwise: status.owner)
    try CallError.check(isolation_give(object.raw, owner.uid, owner.gid))
    if record != before { try store(record, for: object.raw, status) }
    return .value(0)
  }
}

extension isolation_call {
  /// Whether a mknod(2) is one of a device.
  var makesDevice: Bool {
    let type = UInt32(truncatingIfNeeded: values.0) & S_IFMT
    return type == S_IFCHR || type == S_IFBLK
  }
}
