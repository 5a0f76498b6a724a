import CIsolation
import FileTree
import Glibc

// Who files belong to.
extension SupervisedCalls {
  // MARK: The object of a call

  /// Opens what a call names, as the process would find it.
  func open(_ call: isolation_call) throws(CallError) -> Descriptor {
    try readPath(call)
    return try openText(call, followsLast: call.flags & Self.noFollow == 0)
  }

  /// Opens what `text` names.
  func openText(_ call: isolation_call, followsLast: Bool) throws(CallError) -> Descriptor {
    let flags = followsLast ? 0 : UInt64(O_NOFOLLOW)
    guard hasOtherRoots else { return try openHere(call, flags) }
    let foreign = try CallError.check(isolation_foreign_root(processes, call.pid))
    guard foreign > 0 else { return try openHere(call, flags) }
    // A process that has changed its root.
    let root = Descriptor(owning: foreign)
    try CallError.check(isolation_enter(processes, root.raw))
    defer { _ = isolation_enter(processes, self.root) }
    return try openHere(call, flags)
  }

  /// The same, for calls whose errors are the kernel's to tell.
  func find(_ call: isolation_call, followsLast: Bool) -> Descriptor? {
    do throws(CallError) {
      return try openText(call, followsLast: followsLast)
    } catch {
      return nil
    }
  }

  private func openHere(_ call: isolation_call, _ flags: UInt64) throws(CallError) -> Descriptor {
    let object = Descriptor(
      owning: try CallError.check(
        unsafe isolation_open_named(processes, call.pid, call.directory, text.baseAddress, flags)))
    try checkPending(call)
    return object
  }

  func status(of object: CInt) throws(CallError) -> isolation_object {
    var status = isolation_object()
    try CallError.check(unsafe isolation_object(object, &status))
    return status
  }

  // MARK: Records

  static let markName = OwnerMark.name.map { CChar(bitPattern: $0) } + [0]

  /// What is recorded about an object.
  func record(of object: CInt, _ status: isolation_object) -> OwnershipTable.Record {
    if Self.canBeMarked(status) {
      let count = unsafe isolation_get_attribute(
        object, Self.markName, attribute.baseAddress, attribute.count)
      if count >= 0 {
        return unsafe OwnerMark.decode(attribute.prefix(Int(count))) ?? unrecorded(status)
      }
    }
    var found: OwnershipTable.Record?
    if status.device == device, !ledger.isEmpty, let key = onDisk(object, status) {
      found = ledger.record(inode: key.inode, born: key.born)
    }
    return found ?? unrecorded(status)
  }

  /// What an object without a record would have in it.
  private func unrecorded(_ status: isolation_object) -> OwnershipTable.Record {
    OwnershipTable.Record(owner: disk == nil ? .root : status.owner)
  }

  /// Whether a record says nothing that the disk does not say.
  func isVoid(_ record: OwnershipTable.Record) -> Bool {
    record == OwnershipTable.Record(owner: record.owner)
      && (disk?.holds(record.owner) ?? (record.owner == .root))
  }

  /// Records something about an object. What the disk says as well has no record.
  func store(
    _ record: OwnershipTable.Record, for object: CInt, _ status: isolation_object
  ) throws(CallError) {
    let isVoid = isVoid(record)
    if Self.canBeMarked(status) {
      let answer: CInt
      if isVoid {
        let removed = unsafe isolation_remove_attribute(object, Self.markName)
        answer = removed == -ENODATA ? 0 : removed
      } else {
        let value = OwnerMark.encode(record)
        answer = unsafe value.withUnsafeBytes {
          unsafe isolation_set_attribute(object, Self.markName, $0.baseAddress, $0.count, 0)
        }
      }
      if answer != -EOPNOTSUPP {
        try CallError.check(answer)
        return
      }
    }
    // What is on other file systems is in no layer.
    if status.device == device, let key = onDisk(object, status) {
      ledger.set(isVoid ? nil : record, inode: key.inode, born: key.born)
    }
  }

  /// The object of the step's file system as the disk has it, by which the ledger knows it.
  private func onDisk(_ object: CInt, _ status: isolation_object) -> isolation_object? {
    guard let backing else { return status }
    return backing.status(of: object, status)
  }

  private static func canBeMarked(_ status: isolation_object) -> Bool {
    FileType(mode: status.mode).map(OwnerMark.canBe(on:)) ?? false
  }

  // MARK: Calls

  /// stat(2) and its kin. The kernel answers for whatever has no record.
  func status(_ call: isolation_call) throws(CallError) -> CallOutcome {
    if call.has_path != 0, call.path != 0 {
      try CallError.check(unsafe isolation_read_text(call.pid, call.path, text.baseAddress, text.count))
    } else {
      unsafe text[0] = 0
    }
    let isDescriptor = unsafe text[0] == 0
    if isDescriptor, call.has_path != 0, call.flags & Self.emptyPath == 0 { return .proceed }
    let follows = isDescriptor || call.flags & Self.noFollow == 0
    // One system call for nearly every file.
    if isDescriptor || !hasOtherRoots {
      let count = unsafe isolation_get_named_attribute(
        call.pid, call.directory, text.baseAddress, follows ? 1 : 0, Self.markName, attribute.baseAddress,
        attribute.count)
      if count < 0, ledger.isEmpty || follows && count == -ENODATA { return .proceed }
    }
    guard let object = find(call, followsLast: follows) else { return .proceed }
    let status = try self.status(of: object.raw)
    let record = record(of: object.raw, status)
    guard !isVoid(record) else { return .proceed }
    guard let type = FileType(mode: status.mode) else { return .proceed }
    let shown = record.applied(
      to: FileStatus(
        type: type, permissions: status.mode & 0o7777, rdev: status.represented, size: status.size))
    var seen = isolation_seen(
      uid: shown.owner.uid, gid: shown.owner.gid, mode: shown.type.modeBits | shown.permissions,
      device: shown.rdev)
    try checkPending(call)
    let answer =
      call.operation == Int32(bitPattern: ISOLATION_CALL_STAT.rawValue)
      ? unsafe isolation_tell_status(call.pid, call.values.0, object.raw, &seen)
      : unsafe isolation_tell_statx(
        call.pid, call.values.1, object.raw, UInt32(truncatingIfNeeded: call.values.0), &seen)
    try CallError.check(answer)
    return .value(0)
  }

  /// setxattr(2) and its kin: of an access control list, which no layer carries, the kernel refuses every entry for somebody else
  /// than root. The record of an owner is not for a command to copy from one file to another.
  func setAttribute(_ call: isolation_call) throws(CallError) -> CallOutcome {
    try CallError.check(unsafe isolation_read_text(call.pid, call.values.0, text.baseAddress, 256))
    if textIs(Self.markName) { return .value(0) }
    var list: [CChar]?
    if !hasUsers { for name in Self.listNames where textIs(name) { list = name } }
    guard let name = list else { return .proceed }
    guard call.values.2 <= 65536 else { throw CallError(code: E2BIG) }
    var value = [UInt8](repeating: 0, count: Int(call.values.2))
    if !value.isEmpty {
      try CallError.check(
        unsafe value.withUnsafeMutableBytes {
          unsafe isolation_read_memory(call.pid, call.values.1, $0.baseAddress, $0.count)
        })
    }
    let object = try open(call)
    let answer = unsafe value.withUnsafeBytes {
      unsafe isolation_set_attribute(
        object.raw, name, $0.baseAddress, $0.count, CInt(truncatingIfNeeded: call.values.3))
    }
    if answer != -EINVAL {
      try CallError.check(answer)
    } else if name == Self.listNames[0], let permissions = AccessList.permissions(of: value) {
      let status = try self.status(of: object.raw)
      try CallError.check(isolation_change_mode(object.raw, status.mode & 0o7000 | permissions))
    }
    return .value(0)
  }

  /// Whether `text` is a text with its NUL.
  func textIs(_ other: [CChar]) -> Bool { unsafe text.prefix(other.count).elementsEqual(other) }

  private static let listNames = ["system.posix_acl_access", "system.posix_acl_default"].map {
    $0.utf8.map { CChar(bitPattern: $0) } + [0]
  }

  /// chown(2) and its kin.
  func changeOwner(_ call: isolation_call) throws(CallError) -> CallOutcome {
    let (uid, gid) = (
      UInt32(truncatingIfNeeded: call.values.0), UInt32(truncatingIfNeeded: call.values.1)
    )
    let object = try open(call)
    let status = try self.status(of: object.raw)
    let before = record(of: object.raw, status)
    let caller = state(of: call).credentials
    guard caller.mayChange(uid: uid, gid: gid, from: (before.owner.uid, before.owner.gid)) else {
      throw CallError(code: EPERM)
    }
    var record = before
    if uid != Credentials.unchanged { record.owner.uid = uid }
    if gid != Credentials.unchanged { record.owner.gid = gid }
    // A real change, if only to the owner that the file has: the kernel takes set-id bits and capabilities away, and notes
    // the time.
    let owner = disk?.held(record.owner, otherwise: status.owner)
    let changed =
      if let owner { isolation_give(object.raw, owner.uid, owner.gid) } else {
        isolation_change_owner(object.raw)
      }
    // What is mounted into the step may be somebody else's, as /dev/null is.
    let isElsewhere = status.device != device
    let isNode = isElsewhere && status.mode & S_IFMT == S_IFCHR
    if !(changed == -EPERM && isElsewhere || changed == -EROFS && isNode) { try CallError.check(changed) }
    if status.mode & S_IFMT == S_IFREG {
      record.capability = nil
      if let mode = record.mode { record.mode = mode & ~(mode & 0o010 == 0 ? 0o4000 : 0o6000) }
    }
    if record != before { try store(record, for: object.raw, status) }
    return .value(0)
  }
}

extension isolation_object {
  var owner: Owner { Owner(uid: uid, gid: gid) }

  var born: Timestamp { Timestamp(seconds: born_seconds, nanoseconds: born_nanoseconds) }
}
