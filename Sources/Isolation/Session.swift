import CIsolation
import Glibc

/// One run of the namespace executor, from the pipes to the exit status.
struct Session {
  let spec: ProcessSpec
  let plan: MountPlan
  let userNamespace: UserNamespace
  let dryRun: Bool
  /// Whether the process gets another root directory and no namespaces.
  let changesRootOnly: Bool
  /// Set once the root is reachable; the owner removes them when the session is over.
  private(set) var stubs: RootStubs?

  init(
    spec: ProcessSpec, plan: MountPlan, userNamespace: UserNamespace, dryRun: Bool,
    changesRootOnly: Bool = false
  ) {
    self.spec = spec
    self.plan = plan
    self.userNamespace = userNamespace
    self.dryRun = dryRun
    self.changesRootOnly = changesRootOnly
  }

  /// Makes the mount points that are missing in a directory.
  mutating func prepareRoot(at path: [UInt8]) throws(IsolationError) {
    let raw = openHost(path, CInt(isolation_open_path) | O_DIRECTORY)
    guard raw >= 0 else { throw .setup(.root, errno: -raw, subject: path) }
    let stubs = RootStubs(
      root: Descriptor(owning: raw), keepsKernelFolders: spec.keepsKernelFolders)
    self.stubs = stubs
    try stubs.checkUserMounts(spec.mounts)
    try stubs.prepare(plan)
  }

  mutating func run(
    _ cancellation: Cancellation?, _ output: @Sendable (OutputChunk) -> Void
  ) throws(IsolationError) -> ExitStatus {
    var standardOutput = try Pipe()
    var standardError = try Pipe()
    var report = try Pipe()
    let go = try Pipe()
    var terminal = try Pipe(isSocket: true)
    if spec.terminal == nil {
      terminal.reader = nil
      terminal.writer = nil
    }
    var supervision = try Pipe(isSocket: true)
    if spec.supervision(in: userNamespace) == .none {
      supervision.reader = nil
      supervision.writer = nil
    }
    let raw = openHost(Array("/dev/null".utf8), O_RDONLY)
    guard raw >= 0 else { throw .system(call: "open /dev/null", errno: -raw) }
    let input = Descriptor(owning: raw)
    for end in [standardOutput.readerDescriptor, standardError.readerDescriptor, report.readerDescriptor] {
      guard fcntl(end, F_SETFL, O_NONBLOCK) == 0 else { throw .system(call: "fcntl", errno: errno) }
    }

    var memory = NativeMemory()
    let native = unsafe memory.specification(
      spec, plan: plan, namespace: userNamespace,
      descriptors: ChildDescriptors(
        input: input.raw, output: standardOutput.writerDescriptor, error: standardError.writerDescriptor,
        go: go.readerDescriptor, report: report.writerDescriptor, terminal: terminal.writerDescriptor,
        supervisor: supervision.writerDescriptor),
      dryRun: dryRun, changesRootOnly: changesRootOnly)
    var child = try unsafe Child(native)
    standardOutput.writer = nil
    standardError.writer = nil
    report.writer = nil
    terminal.writer = nil
    supervision.writer = nil
    try IdentityMapWriter(pid: child.pid).write(userNamespace)
    try spec.controlGroup?.add(child.pid)
    // This process keeps the read end of `go` too, so that a child that has died is no SIGPIPE.
    try Self.permit(go)

    var watch = Watch(
      output: standardOutput.readerDescriptor, error: standardError.readerDescriptor,
      report: report.readerDescriptor, pidfd: child.pidfd.raw, cancel: cancellation?.descriptor ?? -1)
    var failure: isolation_report?
    var isCancelled = false
    var relay: TerminalRelay?
    var supervisor: Supervisor?
    loop: while true {
      watch.terminal =
        relay?.interests ?? [pollfd(fd: terminal.readerDescriptor, events: Int16(POLLIN), revents: 0)]
      for event in try watch.next() {
        switch event {
        case .output(let chunk): output(chunk)
        case .cancelled:
          isCancelled = true
          child.kill()
        case .report(let message) where message.stage == Int32(bitPattern: ISOLATION_ROOT_READY.rawValue):
          try prepareRoot(at: Array("/proc/\(child.pid)/cwd".utf8))
          try Self.permit(go)
        case .report(let message) where message.isListener:
          let listener = isolation_receive(supervision.readerDescriptor)
          supervisor = try Supervisor(
            listener: Descriptor(answer: listener, call: "recvmsg"), pid: child.pid, user: spec.user,
            ledger: spec.ledger ?? OwnerLedger(), disk: userNamespace.diskOwners,
            hasUsers: spec.supervision(in: userNamespace) == .owners, backing: spec.backing)
          try Self.permit(go)
        case .report(let message): failure = message
        case .exited: break loop
        }
      }
      if let relay {
        // The end of the reports without a failure is a program that has started.
        if watch.hasAllReports, failure == nil { try relay.begin() }
        // Nobody is there any more who could end it.
        if !relay.serve(watch.terminal) { child.kill() }
      } else if let user = spec.terminal, watch.terminal[0].revents != 0 {
        relay = try Self.takeOver(user, terminal.readerDescriptor)
        terminal.reader = nil
        if relay != nil { try Self.permit(go) }
      }
    }
    relay?.finish()
    let status = try child.wait()
    supervisor?.join()
    if isCancelled { throw .cancelled }
    guard let failure else { return status }
    return try outcome(of: failure)
  }

  /// Receives the process's terminal; nil if the process has ended before.
  private static func takeOver(
    _ user: UserTerminal, _ socket: CInt
  ) throws(IsolationError) -> TerminalRelay? {
    let raw = isolation_receive(socket)
    if raw == -EPIPE || raw == -ECONNRESET { return nil }
    return try TerminalRelay(user, master: Descriptor(answer: raw, call: "recvmsg"))
  }

  private static func permit(_ go: borrowing Pipe) throws(IsolationError) {
    let error = writeBytes(go.writerDescriptor, [1])
    guard error == 0 else { throw .system(call: "write", errno: error) }
  }

  private func outcome(of failure: isolation_report) throws(IsolationError) -> ExitStatus {
    guard let stage = IsolationStage(rawValue: failure.stage) else {
      throw .system(call: "report", errno: failure.error)
    }
    var subject: [UInt8] = []
    let index = Int(failure.index)
    switch stage {
    case .execute:
      let isMissing = failure.error == ENOENT || failure.error == ENOTDIR
      return .notStarted(code: isMissing ? 127 : 126, errno: failure.error)
    case .mount where plan.operations.indices.contains(index): subject = plan.operations[index].target
    case .workingDirectory: subject = spec.workingDirectory
    case .hostname: subject = spec.hostname
    case .limit:
      let limits = NativeMemory.limits(spec, hasUserNamespace: userNamespace != .none)
      if limits.indices.contains(index) { subject = Array("\(limits[index].resource)".utf8) }
    case .root, .overlay:
      switch spec.root {
      case .directory(let path): subject = path
      case .overlay(let lower, let upper, _, _):
        subject = lower.indices.contains(index) ? lower[index] : upper
      }
    default: break
    }
    throw .setup(stage, errno: failure.error, subject: subject)
  }
}

extension isolation_report {
  /// Whether it says that the listener of the child's filter has been sent.
  fileprivate var isListener: Bool {
    stage == Int32(bitPattern: ISOLATION_SUPERVISION.rawValue) && error == 0
  }
}

/// Waits for whatever happens next with a child.
struct Watch {
  enum Event {
    case output(OutputChunk)
    case report(isolation_report)
    case cancelled
    /// The child and its whole pid namespace are gone, and so is everything that they wrote.
    case exited
  }

  private var entries: [pollfd]
  /// What else is waited for: what a terminal needs. Holds what was found there.
  var terminal: [pollfd] = []
  /// What is left of a report that came in pieces.
  private var partialReport: [UInt8] = []

  init(output: CInt, error: CInt, report: CInt, pidfd: CInt, cancel: CInt) {
    entries = [output, error, report, pidfd, cancel].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
  }

  /// Whether no report can come any more.
  var hasAllReports: Bool { entries[2].fd < 0 }

  /// Blocks until something happened.
  mutating func next() throws(IsolationError) -> [Event] {
    var all = entries + terminal
    while unsafe poll(&all, nfds_t(all.count), -1) < 0 {
      guard errno == EINTR else { throw .system(call: "poll", errno: errno) }
    }
    terminal = Array(all[entries.count...])
    entries = Array(all[..<entries.count])
    var events: [Event] = []
    if entries[4].revents != 0 {
      entries[4].fd = -1
      events.append(.cancelled)
    }
    let hasExited = entries[3].revents != 0
    for index in 0...2 where entries[index].fd >= 0 && (hasExited || entries[index].revents != 0) {
      // One piece of each in turn while the child runs, all that is left once it is gone.
      repeat {
        guard case .bytes(let bytes) = try take(index) else { break }
        append(bytes, from: index, to: &events)
      } while hasExited
    }
    if hasExited { events.append(.exited) }
    return events
  }

  private mutating func take(_ index: Int) throws(IsolationError) -> ReadResult {
    let result = try readBytes(entries[index].fd, limit: 65536)
    if case .end = result { entries[index].fd = -1 }
    return result
  }

  private mutating func append(_ bytes: [UInt8], from index: Int, to events: inout [Event]) {
    guard index == 2 else {
      events.append(.output(OutputChunk(stream: index == 0 ? .standardOutput : .standardError, bytes: bytes)))
      return
    }
    partialReport += bytes
    let size = MemoryLayout<isolation_report>.size
    while partialReport.count >= size {
      let message = unsafe partialReport.withUnsafeBytes {
        unsafe $0.loadUnaligned(as: isolation_report.self)
      }
      partialReport.removeFirst(size)
      events.append(.report(message))
    }
  }
}
