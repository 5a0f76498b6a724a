import CIsolation
import FileTree
import Glibc

/// Why a call fails: what the process finds in `errno`.
struct CallError: Error, Equatable {
  let code: CInt

  /// Takes the answer of a C function: a value, or a negative errno.
  @discardableResult
  static func check(_ answer: CInt) throws(CallError) -> CInt {
    guard answer >= 0 else { throw CallError(code: -answer) }
    return answer
  }
}

/// What a supervised process's call comes to.
enum CallOutcome: Equatable {
  case value(Int64)
  /// The kernel carries it out.
  case proceed
  /// It was answered already.
  case answered
}

/// Answers calls one after the other: on the supervisor's thread, whose root is that of the step.
@safe struct SupervisedCalls: ~Copyable {
  let listener: CInt
  let processes: CInt
  let root: CInt
  let ledger: OwnerLedger
  /// The owners that files can have on the disk; nil for one alone.
  let disk: DiskOwners?
  /// Whether processes have identities of their own.
  let hasUsers: Bool
  /// Set for a file system that does not tell when files were made.
  let backing: Backing?
  /// The device number of the step's own files, apart from mounts.
  let device: UInt64
  var table: CredentialTable
  /// Whether there may be processes with another root than the step's.
  var hasOtherRoots = false
  /// Room for the path of a call, and for an attribute.
  let text: UnsafeMutableBufferPointer<CChar>
  let attribute: UnsafeMutableRawBufferPointer

  init(
    listener: CInt, processes: CInt, root: CInt, user: ProcessUser, ledger: OwnerLedger,
    disk: DiskOwners?, hasUsers: Bool, backing: Backing? = nil
  ) {
    self.listener = listener
    self.processes = processes
    self.root = root
    self.ledger = ledger
    self.disk = disk
    self.hasUsers = hasUsers
    self.backing = backing
    table = CredentialTable(Credentials(user))
    var object = isolation_object()
    device = unsafe isolation_object(root, &object) == 0 ? object.device : 0
    unsafe text = .allocate(capacity: Int(PATH_MAX))
    unsafe attribute = .allocate(byteCount: OwnerMark.maximumLength, alignment: 8)
  }

  deinit {
    unsafe text.deallocate()
    unsafe attribute.deallocate()
  }

  mutating func answer(_ call: isolation_call) {
    do throws(CallError) {
      switch try outcome(of: call) {
      case .value(let value): isolation_answer(listener, call.id, value, 0)
      case .proceed: isolation_proceed(listener, call.id)
      case .answered: break
      }
    } catch {
      isolation_answer(listener, call.id, 0, error.code)
    }
  }

  private mutating func outcome(of call: isolation_call) throws(CallError) -> CallOutcome {
    switch isolation_operation(UInt32(bitPattern: call.operation)) {
    case ISOLATION_CALL_CHOWN where hasUsers: try changeRealOwner(call)
    case ISOLATION_CALL_MKNOD where hasUsers && !call.makesDevice: .proceed
    case ISOLATION_CALL_CHOWN: try changeOwner(call)
    case ISOLATION_CALL_EXECUTE: execute(call)
    case ISOLATION_CALL_UMASK: try setMask(call)
    case ISOLATION_CALL_MKNOD: try makeNode(call)
    case ISOLATION_CALL_CREATE, ISOLATION_CALL_OPEN, ISOLATION_CALL_OPEN2, ISOLATION_CALL_MKDIR,
      ISOLATION_CALL_SYMLINK:
      try make(call)
    case ISOLATION_CALL_STAT, ISOLATION_CALL_STATX: try status(call)
    case ISOLATION_CALL_NEW_ROOT: noteNewRoot()
    case ISOLATION_CALL_SETXATTR: try setAttribute(call)
    case ISOLATION_CALL_LISTXATTR: try listAttributes(call)
    case ISOLATION_CALL_REMOVEXATTR: try removeAttribute(call)
    default: try identity(call)
    }
  }

  private mutating func noteNewRoot() -> CallOutcome {
    hasOtherRoots = true
    return .proceed
  }

  // MARK: The process

  /// Whom a process without identities of its own takes itself for.
  func state(of call: isolation_call) -> CredentialTable.State {
    var tag = UInt64.max
    // A process that is gone gets no answer anyway.
    _ = unsafe isolation_get_tag(call.pid, &tag)
    return table[tag]
  }

  mutating func set(_ state: CredentialTable.State, of call: isolation_call) throws(CallError) {
    try checkPending(call)
    try CallError.check(isolation_set_tag(call.pid, table.tag(of: state)))
  }

  /// What was read or opened of a process that is gone may have been another's: is called before anything is changed.
  func checkPending(_ call: isolation_call) throws(CallError) {
    guard isolation_is_pending(listener, call.id) == 1 else { throw CallError(code: ESRCH) }
  }

  /// Reads the path of a call into `text`.
  func readPath(_ call: isolation_call) throws(CallError) {
    guard call.has_path != 0 else {
      unsafe text[0] = 0
      return
    }
    try CallError.check(unsafe isolation_read_text(call.pid, call.path, text.baseAddress, text.count))
    if unsafe text[0] == 0, call.flags & Self.emptyPath == 0 { throw CallError(code: ENOENT) }
  }

  /// AT_EMPTY_PATH.
  static let emptyPath: UInt32 = 0x1000
  /// AT_SYMLINK_NOFOLLOW.
  static let noFollow: UInt32 = 0x100
}
