import CIsolation
import FileTree
import Glibc

/// Answers the system calls that need identities which a process does not have, on a thread of its own, until the last process
/// of a step is gone (seccomp_unotify(2)). See docs/decisions/0019.
struct Supervisor: ~Copyable {
  private let thread: pthread_t
  private var isJoined: Bool

  /// - Parameters:
  ///   - listener: the descriptor of the filter that the processes have.
  ///   - pid: the first of them, whose root is the step's.
  ///   - user: whom it takes itself for.
  ///   - ledger: where owners go that files cannot carry.
  ///   - disk: the owners that the disk can carry; nil for one alone.
  ///   - hasUsers: whether processes have identities of their own.
  ///   - backing: where the files of the root are on the disk, if its file system does not tell when they were made.
  init(
    listener: consuming Descriptor, pid: pid_t, user: ProcessUser, ledger: OwnerLedger, disk: DiskOwners?,
    hasUsers: Bool, backing: BackingFolders? = nil
  ) throws(IsolationError) {
    let folders = try backing.map { (folders) throws(IsolationError) in try Backing(folders) }
    let processes = try Descriptor(answer: isolation_open_processes(), call: "open /proc")
    let root = try Descriptor(answer: isolation_open_root(pid), call: "open /proc/\(pid)/root")
    var ready = try Pipe()
    guard let writer = ready.writer.take(), let reader = ready.reader.take() else {
      throw .system(call: "pipe2", errno: EBADF)
    }
    let work = SupervisorThread(
      listener: listener, processes: processes, root: root, pid: pid, ready: writer, user: user,
      ledger: ledger, disk: disk, hasUsers: hasUsers, backing: folders)
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(work).toOpaque()
    let error = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<SupervisorThread>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context)
    guard error == 0 else {
      unsafe Unmanaged<SupervisorThread>.fromOpaque(context).release()
      throw .system(call: "pthread_create", errno: error)
    }
    // The end without a byte means that the thread cannot do its work, and has ended.
    guard let answer = try? readBytes(reader.raw, limit: 1), case .bytes(let bytes) = answer, bytes == [0]
    else {
      pthread_detach(thread)
      throw .setup(.supervision, errno: EPERM, subject: [])
    }
    self.thread = thread
    isJoined = false
  }

  deinit {
    // After an error the processes are about to be killed, and the thread ends with the last of them.
    if !isJoined { pthread_detach(thread) }
  }

  /// Waits for the thread's end. The processes must be gone.
  mutating func join() {
    pthread_join(thread, nil)
    isJoined = true
  }
}

/// What the thread holds.
private final class SupervisorThread: Sendable {
  let listener: Descriptor
  let processes: Descriptor
  let root: Descriptor
  let pid: pid_t
  let ready: Descriptor
  let user: ProcessUser
  let ledger: OwnerLedger
  let disk: DiskOwners?
  let hasUsers: Bool
  let backing: Backing?

  init(
    listener: consuming Descriptor, processes: consuming Descriptor, root: consuming Descriptor,
    pid: pid_t, ready: consuming Descriptor, user: ProcessUser, ledger: OwnerLedger,
    disk: DiskOwners?, hasUsers: Bool, backing: Backing?
  ) {
    self.listener = listener
    self.processes = processes
    self.root = root
    self.pid = pid
    self.ready = ready
    self.user = user
    self.ledger = ledger
    self.disk = disk
    self.hasUsers = hasUsers
    self.backing = backing
  }

  func run() {
    var failed = isolation_detach()
    var home: CInt = -1
    if failed == 0 {
      failed = isolation_enter(processes.raw, root.raw)
      if failed == -EPERM {
        home = isolation_enter_mounts(processes.raw, pid)
        failed = min(home, 0)
      }
    }
    // Whoever waits reads the end if nothing was written.
    guard writeBytes(ready.raw, [failed == 0 ? 0 : 1]) == 0, failed == 0 else { return }
    isolation_prefer_quick_answers(listener.raw)
    var calls = SupervisedCalls(
      listener: listener.raw, processes: processes.raw, root: root.raw, user: user, ledger: ledger,
      disk: disk, hasUsers: hasUsers, backing: backing)
    var call = isolation_call()
    // After an error of the listener nobody answers any more, and calls fail with ENOSYS.
    while unsafe isolation_next_call(listener.raw, &call) == 1 { calls.answer(call) }
    // Whoever waits for the thread's end would find the step's mounts otherwise: its end frees them a moment later.
    if home >= 0 {
      _ = isolation_leave_mounts(home)
      close(home)
    }
  }
}
