import FileTree
import ImageStore
import Isolation
import OCIModel

/// Gets ready what the mounts of a RUN need: copies, folders of the store, secrets, sockets. What is locked stays so
/// as long as the value lives.
struct MountPreparation {
  let operation: RunOperation
  let request: BuildRequest
  let store: OCILayoutStore
  let sources: [TreeReference: RunStep.HostTree]
  /// An empty folder of the host.
  let scratch: [UInt8]
  let identity: BuilderIdentity
  let cancellation: Cancellation?

  private(set) var mounts: [Mount] = []
  /// What the mounts add to the environment.
  private(set) var environment: [EnvironmentVariable] = []
  /// The values that must be seen nowhere.
  private(set) var secrets: [[UInt8]] = []
  private var folders: [Digest: HeldFolder] = [:]
  private var copies = 0
  private var relays: [AgentRelay] = []

  private final class HeldFolder {
    var folder: MountFolder

    init(_ folder: consuming MountFolder) { self.folder = folder }
  }

  init(
    _ operation: RunOperation, request: BuildRequest, store: OCILayoutStore,
    sources: [TreeReference: RunStep.HostTree], scratch: [UInt8], identity: BuilderIdentity,
    cancellation: Cancellation?
  ) throws(BuildProblem.Kind) {
    self.operation = operation
    self.request = request
    self.store = store
    self.sources = sources
    self.scratch = scratch
    self.identity = identity
    self.cancellation = cancellation
    try openFolders()
    for mount in operation.mounts { try prepare(mount) }
  }

  private mutating func prepare(_ mount: RunMount) throws(BuildProblem.Kind) {
    switch mount.kind {
    case .temporary(let size, let writable):
      mounts.append(Mount(.temporary(size: size, writable: writable), at: mount.target))
    case .bind(let reference, let source, let writable):
      mounts.append(try bind(reference, source, writable: writable, at: mount.target))
    case .cache(let cache):
      guard let path = folders[try key(of: cache)]?.folder.path else { throw .isolation(.cancelled) }
      mounts.append(
        Mount(.bind(HostPath(path: path, isDirectory: true), writable: cache.writable), at: mount.target))
    case .secret(let secret): try prepare(secret, at: mount.target)
    case .agent(let agent): try prepare(agent, at: mount.target)
    }
  }

  // MARK: Trees

  /// Mounts a place of a tree itself where that does, and a copy where the command may write, or must not see
  /// everything that is there.
  private mutating func bind(
    _ reference: TreeReference, _ source: BytePath, writable: Bool, at target: [UInt8]
  ) throws(BuildProblem.Kind) -> Mount {
    let (host, found) = try find(source, in: reference)
    let isDirectory = found.status.isDirectory
    var isWhole = !isDirectory
    if !writable, isDirectory {
      isWhole = try onFiles { () throws(FileError) in try host.tree.includesAll(below: found.path) }
    }
    if !writable, isWhole {
      let path = HostPath(path: [0x2F] + found.path.bytes, below: host.path, isDirectory: isDirectory)
      return Mount(.bind(path, writable: false), at: target)
    }
    copies += 1
    let name = BytePath("copy-\(copies)")
    let folder = try onFiles { () throws(FileError) in try Directory(opening: BytePath(scratch)) }
    try copy(host, found.path, to: folder, name)
    let path = HostPath(path: BytePath(scratch).joining(name).bytes, isDirectory: isDirectory)
    return Mount(.bind(path, writable: writable), at: target)
  }

  private func find(
    _ source: BytePath, in reference: TreeReference
  ) throws(BuildProblem.Kind) -> (host: RunStep.HostTree, found: (path: BytePath, status: FileStatus)) {
    guard let host = sources[reference] else { throw .sourceNotFound(source, isIgnored: false) }
    let found = try onFiles { () throws(FileError) in try host.tree.find(source) }
    guard let found else { throw .sourceNotFound(source, isIgnored: false) }
    let isSeen = try onFiles { () throws(FileError) in
      try host.tree.includes(found.path, isDirectory: found.status.isDirectory)
    }
    guard isSeen else { throw .sourceNotFound(source, isIgnored: true) }
    return (host, found)
  }

  /// Copies what the build sees of a tree.
  private func copy(
    _ host: RunStep.HostTree, _ path: BytePath, to folder: borrowing Directory, _ name: BytePath
  ) throws(BuildProblem.Kind) {
    let tree = host.tree
    var failure: FileError?
    var options = TreeCopy.Options()
    options.attributes = .capabilitiesAndUser
    options.sourceOwners = tree.owners
    options.keepsExistingRoot = false
    if tree.isContext { options.metadata = { (_, status) in (.root, status.permissions) } }
    options.including = { (relative, status) in
      do throws(FileError) {
        return try tree.includes(path.joining(relative), isDirectory: status.isDirectory)
      } catch {
        failure = failure ?? error
        return false
      }
    }
    var work = TreeCopy(options, placement: Placement(owners: identity.treeOwners))
    do throws(TreeCopyError) {
      try work.copy(from: tree.root.directory, path, to: folder, name)
    } catch {
      throw .copy(error)
    }
    if let failure { throw .file(failure) }
  }

  // MARK: Caches

  /// Takes the locks of all caches, always in the same order, so that no two commands wait for each other.
  private mutating func openFolders() throws(BuildProblem.Kind) {
    var caches: [Digest: CacheMount] = [:]
    for mount in operation.mounts {
      guard case .cache(let cache) = mount.kind else { continue }
      let key = try key(of: cache)
      if caches[key] == nil { caches[key] = cache }
    }
    for (key, cache) in caches.sorted(by: { $0.key < $1.key }) {
      let folder: MountFolder?
      do throws(StoreError) {
        let place = identity.mountPlace(key, cache.id)
        folder = try store.openMountFolder(place.key, name: place.name, sharing: cache.sharing) {
          cancellation?.isCancelled == true
        }
      } catch {
        throw .store(error)
      }
      guard let folder else { throw .isolation(.cancelled) }
      let held = HeldFolder(folder)
      folders[key] = held
      guard held.folder.isNew else { continue }
      try fill(held.folder.path, for: cache)
      do throws(StoreError) {
        try held.folder.complete()
      } catch {
        throw .store(error)
      }
    }
  }

  /// What makes two caches one: the id, and what a new one starts with, as BuildKit has it.
  private func key(of cache: CacheMount) throws(BuildProblem.Kind) -> Digest {
    var parts = [cache.id]
    if let from = cache.from {
      parts.append(cache.source.bytes)
      for layer in sources[from]?.content ?? [] { parts.append(Array(layer.description.utf8)) }
    }
    if cache.uid != nil || cache.gid != nil || cache.mode != nil {
      let owner = "\(cache.uid ?? 0):\(cache.gid ?? 0):" + String(cache.mode ?? 0o755, radix: 8)
      parts.append(Array(owner.utf8))
    }
    return Digest(of: parts.flatMap { Array("\($0.count):".utf8) + $0 })
  }

  private func fill(_ path: [UInt8], for cache: CacheMount) throws(BuildProblem.Kind) {
    let folder = BytePath(path)
    let name = BytePath(Array(folder.lastComponent))
    let parent = try onFiles { () throws(FileError) in try Directory(opening: folder.parent) }
    if let from = cache.from {
      let (host, found) = try find(cache.source, in: from)
      guard found.status.isDirectory else { throw .destinationNotFolder(cache.source) }
      try copy(host, found.path, to: parent, name)
      if cache.uid == nil, cache.gid == nil, cache.mode == nil { return }
    }
    try onFiles { () throws(FileError) in
      let owner = Owner(uid: cache.uid ?? 0, gid: cache.gid ?? 0)
      if identity.canGive(to: owner) { try parent.setOwner(name, owner) }
      try parent.setPermissions(name, cache.mode.map { $0 & 0o7777 } ?? 0o755)
    }
  }

  // MARK: Secrets and agents

  private mutating func prepare(_ secret: SecretMount, at target: [UInt8]) throws(BuildProblem.Kind) {
    guard let given = request.secrets.last(where: { $0.id == secret.id }) else {
      if secret.isRequired { throw .missingSecret(secret.id) }
      return
    }
    let content = try given.content()
    secrets.append(content)
    if let name = secret.environment {
      guard !content.contains(0) else { throw .secretWithNUL(secret.id) }
      environment.append(EnvironmentVariable(name: name, value: content))
    }
    guard secret.isFile else { return }
    let isGiven = identity.canGive(to: Owner(uid: secret.uid, gid: secret.gid))
    let (uid, gid) = isGiven ? (secret.uid, secret.gid) : (0, 0)
    mounts.append(
      Mount(
        .file(content: content, mode: UInt16(secret.mode & 0o777), uid: uid, gid: gid, writable: false),
        at: target))
  }

  private mutating func prepare(_ agent: AgentMount, at target: [UInt8]) throws(BuildProblem.Kind) {
    guard let given = request.agents.last(where: { $0.id == agent.id }) else {
      if agent.isRequired { throw .missingAgent(agent.id) }
      return
    }
    let owner = Owner(uid: agent.uid, gid: agent.gid)
    let relay = try onFiles { () throws(FileError) in
      try AgentRelay(
        to: given.socket, in: scratch, name: "agent.\(relays.count)", permissions: agent.mode,
        owner: identity.canGive(to: owner) ? owner : nil)
    }
    relays.append(relay)
    mounts.append(Mount(.bind(HostPath(path: relay.path, isDirectory: false), writable: true), at: target))
    guard agent.setsVariable else { return }
    environment.append(EnvironmentVariable(name: Array("SSH_AUTH_SOCK".utf8), value: target))
  }
}
