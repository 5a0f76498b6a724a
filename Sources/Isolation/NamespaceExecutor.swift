import CIsolation
import Glibc

/// Runs processes in mount, pid, uts, ipc and cgroup namespaces of their own, in a user namespace unless told otherwise.
/// Needs no daemon and, with a user namespace, no privilege. Linux 5.12 or later.
package struct NamespaceExecutor: Executor {
  package let userNamespace: UserNamespace

  /// `.none` needs real root.
  package init(userNamespace: UserNamespace) {
    self.userNamespace = userNamespace
  }

  package func run(
    _ spec: ProcessSpec, cancellation: Cancellation?, output: @Sendable (OutputChunk) -> Void
  ) throws(IsolationError) -> ExitStatus {
    let plan = MountPlan(for: spec, networkIsOwn: spec.network == .none)
    return try run(spec, plan: plan, dryRun: false, cancellation: cancellation, output: output)
  }

  /// `dryRun` prepares everything and stops where the command would be executed.
  func run(
    _ spec: ProcessSpec, plan: MountPlan, dryRun: Bool, cancellation: Cancellation?,
    output: @Sendable (OutputChunk) -> Void
  ) throws(IsolationError) -> ExitStatus {
    try spec.validate(in: userNamespace)
    var session = Session(spec: spec, plan: plan, userNamespace: userNamespace, dryRun: dryRun)
    let status: ExitStatus
    do {
      if case .directory(let path) = spec.root { try session.prepareRoot(at: path) }
      status = try session.run(cancellation, output)
    } catch {
      // The child is gone. What failed first is what the caller hears of.
      try? session.stubs?.remove()
      throw error
    }
    try session.stubs?.remove()
    return status
  }
}

/// A child that is killed and reaped if its owner goes first.
struct Child: ~Copyable {
  let pid: pid_t
  let pidfd: Descriptor
  /// Whether the child is a keeper, which ends all that it watches when it is told to; killed, it could not.
  private let isKeeper: Bool
  private var isReaped = false

  /// Throws `.namespaces` if the kernel refuses.
  @unsafe init(_ native: isolation_spec) throws(IsolationError) {
    var native = unsafe native
    var descriptor: CInt = -1
    let answer = unsafe isolation_start(&native, &descriptor)
    guard answer > 0 else { throw .namespaces(errno: -answer) }
    pid = answer
    pidfd = Descriptor(owning: descriptor)
    isKeeper = unsafe native.change_root_only != 0
  }

  deinit {
    guard !isReaped else { return }
    kill()
    var exited: CInt = 0
    var value: CInt = 0
    _ = unsafe isolation_wait(pidfd.raw, &exited, &value)
  }

  /// Kills the child and all that it has started.
  func kill() {
    // The only failure left is a child that is dead already.
    _ = isKeeper ? isolation_end(pidfd.raw) : isolation_kill(pidfd.raw)
  }

  mutating func wait() throws(IsolationError) -> ExitStatus {
    var exited: CInt = 0
    var value: CInt = 0
    let answer = unsafe isolation_wait(pidfd.raw, &exited, &value)
    isReaped = true
    guard answer == 0 else { throw .system(call: "waitid", errno: -answer) }
    return exited != 0 ? .exited(value) : .signaled(value)
  }
}
