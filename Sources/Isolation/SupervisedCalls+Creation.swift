import CIsolation
import FileTree
import Glibc

// New files. The kernel gives them to the only user that there is; who else made one is recorded. So that nobody ever sees a file
// without its record, the supervisor makes it, and the process finds it there or gets a descriptor of it.
extension SupervisedCalls {
  /// The folder that a new file is to be in, and the file's name there.
  private struct Place: ~Copyable {
    let folder: Descriptor
    let name: [CChar]
    /// Whom the folder makes new files belong to, if it does (inode(7), "set-group-ID bit").
    let group: UInt32?
  }

  /// - Returns: nil for names that are no new file's, or are in no folder; the kernel says what is wrong with them.
  private func place(_ call: isolation_call, isFolder: Bool = false) throws(CallError) -> Place? {
    try readPath(call)
    guard let name = unsafe Self.cut(text, isFolder: isFolder) else { return nil }
    guard let folder = find(call, followsLast: true) else { return nil }
    let status = try self.status(of: folder.raw)
    guard status.mode & S_IFMT == S_IFDIR else { return nil }
    let group = status.mode & S_ISGID != 0 ? record(of: folder.raw, status).owner.gid : nil
    return Place(folder: folder, name: name, group: group)
  }

  private static let slash: CChar = 0x2F

  /// Takes the last name off a path, which is then that of the folder: `.` where there is nothing else.
  /// - Parameter isFolder: whether slashes may stand behind the name.
  /// - Returns: the name with a NUL; nil, and the path as it was, for `.`, `..` and a path without a name.
  private static func cut(_ text: UnsafeMutableBufferPointer<CChar>, isFolder: Bool) -> [CChar]? {
    var end = 0
    while unsafe text[end] != 0 { end += 1 }
    while isFolder, end > 0, unsafe text[end - 1] == slash { end -= 1 }
    var start = end
    while start > 0, unsafe text[start - 1] != slash { start -= 1 }
    let name = unsafe Array(text[start..<end]) + [0]
    guard start < end, name != [0x2E, 0], name != [0x2E, 0x2E, 0] else { return nil }
    if start == 0 {
      unsafe text[0] = 0x2E
      start = 1
    }
    unsafe text[start] = 0
    return name
  }

  /// Records whom a new object belongs to.
  private func own(
    _ object: CInt, _ caller: Credentials, group: UInt32?, mode: UInt32? = nil, device: UInt64 = 0
  ) throws(CallError) {
    let owner = Owner(uid: caller.user.file, gid: group ?? caller.group.file)
    let record = OwnershipTable.Record(owner: owner, mode: mode, rdev: device)
    if !hasUsers, let disk { try give(object, to: owner, disk) }
    guard !isVoid(record) else { return }
    try store(record, for: object, status(of: object))
  }

  /// Makes the disk say what it can of a new object's owner, where the one who makes it is user 0 to the kernel.
  private func give(_ object: CInt, to owner: Owner, _ disk: DiskOwners) throws(CallError) {
    let status = try status(of: object)
    let held = disk.held(owner, otherwise: status.owner)
    guard held != status.owner else { return }
    try CallError.check(isolation_give(object, held.uid, held.gid))
    // The kernel takes these bits away.
    let isPlain = status.mode & 0o6000 == 0 || status.mode & S_IFMT != S_IFREG
    if !isPlain { try CallError.check(isolation_change_mode(object, status.mode & 0o7777)) }
  }

  private func own(
    _ place: borrowing Place, _ caller: Credentials
  ) throws(CallError) {
    let object = Descriptor(
      owning: try CallError.check(unsafe isolation_open_child(place.folder.raw, place.name)))
    try own(object.raw, caller, group: place.group)
  }

  mutating func setMask(_ call: isolation_call) throws(CallError) -> CallOutcome {
    var state = state(of: call)
    let mask = UInt32(truncatingIfNeeded: call.values.0) & 0o777
    if mask != state.mask {
      state.mask = mask
      try set(state, of: call)
    }
    return .proceed
  }

  /// Whether the kernel does the same as the supervisor would: for root, whose files are on the disk what they should be, but in
  /// a folder that hands on a group.
  private func isPlain(_ call: isolation_call, _ caller: Credentials) throws(CallError) -> Bool {
    guard caller.user.file == 0, caller.group.file == 0 else { return false }
    try readPath(call)
    guard unsafe Self.cut(text, isFolder: true) != nil else { return true }
    if !hasOtherRoots {
      // One system call for nearly every folder.
      let count = unsafe isolation_get_named_attribute(
        call.pid, call.directory, text.baseAddress, 1, Self.markName, attribute.baseAddress, attribute.count)
      if count < 0 { return true }
    }
    guard let folder = find(call, followsLast: true) else { return true }
    let status = try self.status(of: folder.raw)
    return status.mode & S_ISGID == 0 || record(of: folder.raw, status).owner.gid == 0
  }

  /// open(2), creat(2), mkdir(2) and symlink(2).
  func make(_ call: isolation_call) throws(CallError) -> CallOutcome {
    let state = state(of: call)
    let caller = state.credentials
    let isUnnamed =
      call.operation == Int32(bitPattern: ISOLATION_CALL_OPEN.rawValue) && call.values.0 & Self.temporary != 0
    if isUnnamed, caller.user.file == 0, caller.group.file == 0 { return .proceed }
    if try isPlain(call, caller) { return .proceed }
    switch isolation_operation(UInt32(bitPattern: call.operation)) {
    case ISOLATION_CALL_MKDIR:
      guard let place = try place(call, isFolder: true) else { return .proceed }
      let mode = UInt32(truncatingIfNeeded: call.values.0) & 0o1777 & ~state.mask
      try CallError.check(unsafe isolation_make_folder(place.folder.raw, place.name, mode))
      try own(place, caller)
      return .value(0)
    case ISOLATION_CALL_SYMLINK:
      guard let place = try place(call) else { return .proceed }
      // The path is not needed any more.
      try CallError.check(unsafe isolation_read_text(call.pid, call.values.0, text.baseAddress, text.count))
      try checkPending(call)
      try CallError.check(unsafe isolation_make_link(place.folder.raw, place.name, text.baseAddress))
      try own(place, caller)
      return .value(0)
    case ISOLATION_CALL_CREATE:
      let flags = UInt64(O_CREAT | O_WRONLY | O_TRUNC)
      return try makeFile(call, state, flags: flags, mode: UInt32(truncatingIfNeeded: call.values.0))
    case ISOLATION_CALL_OPEN2:
      var how: (flags: UInt64, mode: UInt64, resolve: UInt64) = (0, 0, 0)
      guard call.values.1 >= 24 else { return .proceed }
      try CallError.check(unsafe isolation_read_memory(call.pid, call.values.0, &how, 24))
      try checkPending(call)
      // How a name is resolved is the kernel's to see to.
      guard how.resolve == 0, how.flags & Self.makesFile != 0 else { return .proceed }
      return try makeFile(call, state, flags: how.flags, mode: UInt32(truncatingIfNeeded: how.mode))
    default:
      return try makeFile(
        call, state, flags: UInt64(UInt32(truncatingIfNeeded: call.values.0)),
        mode: UInt32(truncatingIfNeeded: call.values.1))
    }
  }

  /// O_TMPFILE without the O_DIRECTORY in it; the same on every architecture that is supervised.
  private static let temporary: UInt64 = 0o20_000_000
  private static let makesFile = UInt64(O_CREAT) | temporary

  private func makeFile(
    _ call: isolation_call, _ state: CredentialTable.State, flags: UInt64, mode: UInt32
  ) throws(CallError) -> CallOutcome {
    let mode = mode & 0o7777 & ~state.mask
    if flags & Self.temporary != 0 {
      let folder = try open(call)
      let file = Descriptor(
        owning: try CallError.check(isolation_make_unnamed_file(folder.raw, flags, mode)))
      try own(file.raw, state.credentials, group: nil)
      return try handOver(file.raw, call, flags)
    }
    guard let place = try place(call) else { return .proceed }
    let made = unsafe isolation_make_file(place.folder.raw, place.name, flags, mode)
    // What is there already stays whose it is.
    if made == -EEXIST { return .proceed }
    let file = Descriptor(owning: try CallError.check(made))
    try own(file.raw, state.credentials, group: place.group)
    // Without O_EXCL the process finds the file, and opens it itself.
    return flags & UInt64(O_EXCL) != 0 ? try handOver(file.raw, call, flags) : .proceed
  }

  private func handOver(
    _ file: CInt, _ call: isolation_call, _ flags: UInt64
  ) throws(CallError) -> CallOutcome {
    let closes: CInt = flags & UInt64(O_CLOEXEC) != 0 ? 1 : 0
    try CallError.check(isolation_hand_over(listener, call.id, file, closes))
    return .answered
  }

  /// mknod(2). A device is an empty file on the disk and a record, which make it a device in the layer.
  func makeNode(_ call: isolation_call) throws(CallError) -> CallOutcome {
    let state = try hasUsers ? realState(of: call) : state(of: call)
    let caller = state.credentials
    let type = UInt32(truncatingIfNeeded: call.values.0) & S_IFMT
    let mode = UInt32(truncatingIfNeeded: call.values.0) & 0o7777 & ~state.mask
    if type == S_IFCHR || type == S_IFBLK {
      let device = UInt64(UInt32(truncatingIfNeeded: call.values.1))
      // 0/0 is a removal on an overlay, which refuses it to root as well.
      guard caller.capabilities.has(.makeNode), type == S_IFBLK || device != 0 else {
        throw CallError(code: EPERM)
      }
      guard let place = try place(call) else { return .proceed }
      let file = Descriptor(
        owning: try CallError.check(
          unsafe isolation_make_file(place.folder.raw, place.name, 0, mode)))
      try own(file.raw, caller, group: place.group, mode: type | mode, device: device)
      return .value(0)
    }
    if try isPlain(call, caller) { return .proceed }
    guard let place = try place(call) else { return .proceed }
    try CallError.check(
      unsafe isolation_make_node(place.folder.raw, place.name, (type == 0 ? S_IFREG : type) | mode))
    try own(place, caller)
    return .value(0)
  }
}
