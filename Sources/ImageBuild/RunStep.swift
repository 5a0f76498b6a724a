import FileTree
import Glibc
import ImageStore
import Isolation
import OCIModel

/// Carries out one RUN.
struct RunStep {
  let operation: RunOperation
  let tree: StageTree
  /// What the command changes in place of the tree; nil if it changes the tree itself.
  var overlay: OverlayStep?
  /// Where owners go that the disk cannot be given.
  let ledger: OwnerLedger
  let users: UserDatabase
  /// What holds the limits of the command together; nil if there are none of that kind.
  let group: ControlGroup?
  /// An empty folder of the host for the step's own files.
  let scratch: [UInt8]
  /// The trees that `--mount` takes folders from, by their reference.
  let sources: [TreeReference: HostTree]
  let request: BuildRequest
  let store: OCILayoutStore
  let identity: BuilderIdentity

  /// A tree as the mounts see it.
  struct HostTree {
    var path: [UInt8]
    var tree: SourceTree
    /// What tells contents apart: the diff IDs of its layers; of a folder of the host, a digest of what caches start
    /// with.
    var content: [Digest] = []
  }

  /// Runs the command. A status other than success is the caller's to judge.
  /// - Parameter inspect: called after a failure, while all that the command has had is still there.
  func run(
    _ executor: some Executor, cancellation: Cancellation?, output: @Sendable (OutputChunk) -> Void,
    inspect: (ProcessSpec, ExitStatus) throws(BuildProblem.Kind) -> Void
  ) throws(BuildProblem.Kind) -> ExitStatus {
    var user: ProcessUser
    do throws(UserLookupError) {
      user = try users.processUser(Array(operation.user.utf8))
      // As with docker, `id` shows the first group among the others.
      if !user.groups.contains(user.gid) { user.groups.insert(user.gid, at: 0) }
    } catch {
      throw .user(error)
    }
    var spec = ProcessSpec(
      root: overlay?.root(over: tree) ?? .directory(tree.path), arguments: operation.arguments)
    spec.environment = operation.environment
    if !spec.environment.contains(where: { $0.name.elementsEqual("HOME".utf8) }) {
      let home = users.home(uid: user.uid)
      spec.environment.append(EnvironmentVariable(name: Array("HOME".utf8), value: home))
    }
    spec.user = user
    if !identity.ownsDisk { spec.ledger = ledger }
    // Who asks for a range by its name wants users that the kernel knows.
    if case .range(let mapping) = identity, request.isolation != .range {
      spec.emulatesUsers = !mapping.holds(user)
    }
    spec.backing = overlay?.backing(over: tree)
    spec.workingDirectory = operation.workingDirectory
    spec.network = operation.network
    spec.hostname = operation.hostname
    spec.hosts =
      Array("127.0.0.1\tlocalhost ".utf8) + operation.hostname
      + Array("\n::1\tlocalhost ip6-localhost ip6-loopback\n".utf8)
    spec.resolverConfiguration = try Self.resolverConfiguration()
    spec.keepsKernelFolders = true
    spec.controlGroup = group
    spec.sharedMemory = request.sharedMemory
    spec.limits = request.processLimits
    let mounts = try MountPreparation(
      operation, request: request, store: store, sources: sources, scratch: scratch, identity: identity,
      cancellation: cancellation)
    spec.mounts = mounts.mounts
    for variable in mounts.environment {
      spec.environment.removeAll { $0.name == variable.name }
      spec.environment.append(variable)
    }
    if let script = operation.script { spec.mounts.append(try self.script(script)) }
    let redaction = Redaction(mounts.secrets)
    defer { redaction.finish(to: output) }
    return try withExtendedLifetime(mounts) { () throws(BuildProblem.Kind) in
      let status: ExitStatus
      do throws(IsolationError) {
        status = try executor.run(spec, cancellation: cancellation) { redaction.pass($0, to: output) }
      } catch {
        throw .isolation(error)
      }
      if status != .exited(0) {
        redaction.finish(to: output)
        try inspect(spec, status)
      }
      return status
    }
  }

  /// The host's resolver, which the network is shared with; empty where the host has none.
  private static func resolverConfiguration() throws(BuildProblem.Kind) -> [UInt8] {
    do throws(FileError) {
      return try Directory(opening: "/").readFile("etc/resolv.conf", followingLink: true, limit: 1 << 20)
    } catch {
      guard error.code == ENOENT else { throw .file(error) }
      return []
    }
  }

  /// A here-document that starts with `#!`: a file in a folder that is mounted over /dev, so that it never gets
  /// near the layer.
  private func script(_ script: RunOperation.Script) throws(BuildProblem.Kind) -> Mount {
    try onFiles { () throws(FileError) in
      let folder = try Directory(opening: BytePath(scratch))
      try folder.makeDirectory("pipes", permissions: 0o755)
      try folder.writeFile(BytePath("pipes").joining(script.name), script.content, permissions: 0o755)
    }
    let path = HostPath(path: scratch + Array("/pipes".utf8), isDirectory: true)
    return Mount(.bind(path, writable: false), at: Array("/dev/pipes".utf8))
  }
}
