import CIsolation
import Glibc

/// Runs processes with another root directory and nothing more: for root inside a container that refuses namespaces.
///
/// A process sees the other processes of the container, and its network; it has no /proc, and docker's capabilities but
/// the one to change the root again. All that it has started is ended with it. The root has to be a plain directory.
package struct ChrootExecutor: Executor {
  package init() {}

  package func run(
    _ spec: ProcessSpec, cancellation: Cancellation?, output: @Sendable (OutputChunk) -> Void
  ) throws(IsolationError) -> ExitStatus {
    isolation_hide_memory()
    return try run(spec, dryRun: false, cancellation: cancellation, output: output)
  }

  /// `dryRun` prepares everything and stops where the command would be executed.
  func run(
    _ spec: ProcessSpec, dryRun: Bool, cancellation: Cancellation?, output: @Sendable (OutputChunk) -> Void
  ) throws(IsolationError) -> ExitStatus {
    try spec.validate(in: .none)
    let path = try Self.check(spec)
    let folders = try ChrootFolders(root: path, keepsKernelFolders: spec.keepsKernelFolders)
    let status: ExitStatus
    do {
      try folders.prepare(hosts: spec.hosts, resolver: spec.resolverConfiguration)
      for mount in spec.mounts { try folders.add(mount) }
      folders.seal()
      var session = Session(
        spec: spec, plan: MountPlan(operations: []), userNamespace: .none, dryRun: dryRun,
        changesRootOnly: true)
      status = try session.run(cancellation, output)
    } catch {
      // The child is gone. What failed first is what the caller hears of.
      try? folders.restore()
      throw error
    }
    try folders.restore()
    return status
  }

  /// Throws `.needsNamespaces` for what cannot be given.
  private static func check(_ spec: ProcessSpec) throws(IsolationError) -> [UInt8] {
    if spec.network == .none { throw .needsNamespaces(.network) }
    if spec.sharedMemory != nil { throw .needsNamespaces(.sharedMemory) }
    if spec.terminal != nil { throw .needsNamespaces(.terminal) }
    for mount in spec.mounts where !ChrootFolders.canAdd(mount) {
      throw .needsNamespaces(.mount(mount.target))
    }
    guard case .directory(let path) = spec.root else { throw .needsNamespaces(.overlay) }
    return path
  }
}

/// What a process without namespaces cannot have.
package enum NamespaceNeed: Sendable, Equatable {
  case network, terminal, overlay, sharedMemory
  /// A mount at this path.
  case mount([UInt8])
}
