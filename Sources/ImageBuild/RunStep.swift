import FileTree
import Glibc
import Isolation

/// Carries out one RUN.
struct RunStep {
  let operation: RunOperation
  let tree: StageTree
  let users: UserDatabase
  /// An empty folder of the host for the step's own files.
  let scratch: [UInt8]
  /// The trees that `--mount` takes folders from, by their reference.
  let sources: [TreeReference: HostTree]

  /// A tree as the mounts see it.
  struct HostTree {
    var path: [UInt8]
    var tree: SourceTree
  }

  /// Runs the command. A status other than success is the caller's to judge.
  func run(
    _ executor: some Executor, cancellation: Cancellation?, output: @Sendable (OutputChunk) -> Void
  ) throws(BuildProblem.Kind) -> ExitStatus {
    let user: ProcessUser
    do throws(UserLookupError) {
      user = try users.processUser(Array(operation.user.utf8))
    } catch {
      throw .user(error)
    }
    var spec = ProcessSpec(root: .directory(tree.path), arguments: operation.arguments)
    spec.environment = operation.environment
    if !spec.environment.contains(where: { $0.name.elementsEqual("HOME".utf8) }) {
      let home = users.home(uid: user.uid)
      spec.environment.append(EnvironmentVariable(name: Array("HOME".utf8), value: home))
    }
    spec.user = user
    spec.workingDirectory = operation.workingDirectory
    spec.network = operation.network
    spec.hosts = Array(
      "127.0.0.1\tlocalhost buildkitsandbox\n::1\tlocalhost ip6-localhost ip6-loopback\n".utf8)
    spec.resolverConfiguration = try Self.resolverConfiguration()
    for mount in operation.mounts { spec.mounts.append(try self.mount(mount)) }
    if let script = operation.script { spec.mounts.append(try self.script(script)) }
    do throws(IsolationError) {
      return try executor.run(spec, cancellation: cancellation, output: output)
    } catch {
      throw .isolation(error)
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

  private func mount(_ mount: RunMount) throws(BuildProblem.Kind) -> Mount {
    switch mount.kind {
    case .temporary(let size): return Mount(.temporary(size: size), at: mount.target)
    case .bind(let reference, let source):
      guard let host = sources[reference] else { throw .sourceNotFound(source, isIgnored: false) }
      let found = try onFiles { () throws(FileError) in try host.tree.find(source) }
      guard let found else { throw .sourceNotFound(source, isIgnored: false) }
      let isSeen = try onFiles { () throws(FileError) in
        try host.tree.includes(found.path, isDirectory: found.status.isDirectory)
      }
      guard isSeen else { throw .sourceNotFound(source, isIgnored: true) }
      let path = HostPath(
        path: [0x2F] + found.path.bytes, below: host.path, isDirectory: found.status.isDirectory)
      return Mount(.bind(path, writable: false), at: mount.target)
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
