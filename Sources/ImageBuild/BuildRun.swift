import FileTree
import Glibc
import ImageStore
import Isolation
import Layers
import OCIModel
import SourceText
import Synchronization

/// One execution of a plan: what all its stages share.
final class BuildRun: Sendable {
  let plan: BuildPlan
  let request: BuildRequest
  let store: OCILayoutStore
  let identity: BuilderIdentity
  let events: @Sendable (BuildEvent) -> Void
  let board: StageBoard
  let stop: StopSignal
  let room: TreeRoom
  let digests: FileDigests
  /// What of the context no step sees.
  private let hidden: [BytePath]
  /// The time of what is made now.
  let created: String
  /// The files of the images that are built on or copied from, by index.
  let imageTrees: [SharedTree]
  /// Which commands run here.
  let platforms: CommandPlatforms
  /// What holds the limits of commands.
  let controlGroups: ControlGroups
  /// How commands are kept away from the host; nil as long as nobody has asked.
  private let isolationBox = Mutex<IsolationMode.Choice?>(nil)
  /// How the changes of commands are found; nil as long as nobody has asked.
  private let changeFinding = Mutex<ChangeFinding?>(nil)
  private let cacheFailure = Mutex(false)
  /// The steps that the cache had, or has now: their keys and layers.
  private let cachedLayers = Mutex<[Digest: Digest]>([:])
  private let workers: Int

  /// More stages than these are never under way at once.
  private static let mostWorkers = 64
  /// Room for the deepest tree that a path can name, 2048 folders, which is walked by recursion.
  private static let stackSize = 64 << 20

  /// - Parameter work: the folder for everything of this run.
  init(
    plan: BuildPlan, request: BuildRequest, store: OCILayoutStore, identity: BuilderIdentity,
    cancellation: Cancellation?, work: [UInt8], events: @escaping @Sendable (BuildEvent) -> Void
  ) throws(BuildError) {
    self.plan = plan
    self.request = request
    self.store = store
    self.identity = identity
    self.events = events
    let jobs = max(1, request.jobs ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    workers = jobs == 1 ? 1 : min(plan.stages.count, Self.mostWorkers)
    board = StageBoard(plan, jobs: jobs)
    do throws(IsolationError) {
      stop = try StopSignal(cancellation, isShared: workers > 1)
    } catch {
      throw .isolation(error)
    }
    let stop = stop
    room = TreeRoom(work: work, store: store, identity: identity, limits: request.limits) { stop.isStopped }
    created = timestampText(seconds: request.created.seconds, nanoseconds: request.created.nanoseconds)
    controlGroups = ControlGroups(request.resources)
    imageTrees = plan.images.map { base in
      SharedTree(
        LayerStack(layers: base.image.manifest.layers.map(\.bare), diffIDs: base.image.config.diffIDs))
    }
    platforms = CommandPlatforms(host: .host, handlerFolder: request.handlerFolder)
    hidden = BuildRequest.hidden(in: request.context, store: store.path)
    digests = FileDigests(decoding: (try? store.cacheRecord(.files, Self.filesName(request))) ?? [])
  }

  func build() throws(BuildError) -> BuildResult {
    defer { controlGroups.close() }
    var threads: [Worker] = []
    for _ in 0..<workers {
      if let thread = Worker(stackSize: Self.stackSize, { [self] in work() }) { threads.append(thread) }
    }
    if threads.isEmpty { work() }
    for thread in threads { thread.join() }
    stop.close()
    if let bytes = digests.encodedIfChanged() {
      keep { () throws(StoreError) in try store.putCacheRecord(.files, Self.filesName(request), bytes) }
    }
    if let failure = board.failure { throw failure }
    guard let target = board.finished(plan.target) else { throw .cancelled }
    events(.exporting)
    return try export(target)
  }

  /// Builds stages until there are none left.
  private func work() {
    while let stage = board.next() {
      do throws(BuildError) {
        var run = StageRun(self, stage)
        let finished = try run.build()
        for idle in board.finish(stage, finished) { try room.discard(idle.files) }
      } catch {
        board.fail(stage.number, error)
        if workers > 1 { stop.stop() }
      }
    }
  }

  func checkStopped() throws(BuildProblem.Kind) {
    if stop.isStopped || board.hasFailed { throw .isolation(.cancelled) }
  }

  // MARK: The image

  private func export(_ target: FinishedStage) throws(BuildError) -> BuildResult {
    guard let stage = plan.stages.first(where: { $0.number == plan.target }) else { throw .cancelled }
    var image = stage.image
    image.diffIDs = target.files.stack.diffIDs
    image.created = created
    if !request.clampsTimes { Self.date(&image, target) }
    image.config.labels.merge(request.labels)
    do throws(StoreError) {
      let config = try store.put(image.encoded(), mediaType: .ociConfig)
      let manifest = ImageManifest(config: config, layers: target.files.stack.layers)
      var descriptor = try store.put(manifest.encoded(), mediaType: .ociManifest)
      descriptor.platform = image.platform
      events(.exported(descriptor))
      var result = BuildResult(descriptor: descriptor, manifest: manifest, image: image)
      let cached = cachedLayers.withLock { $0 }.sorted { $0.key.hex < $1.key.hex }
      let layers = Set(manifest.layers.map(\.digest))
      result.cacheKeys = cached.map(\.key)
      result.mountIDs = plan.mountIDs
      result.imageCacheKeys = cached.filter { layers.contains($0.value) }.map(\.key)
      return result
    } catch {
      throw .store(error)
    }
  }

  /// Gives the history the times at which its layers were made, as BuildKit does: a build that finds everything in
  /// the cache gives the same image. What makes no layer has the time of the layer before it, or of the first one.
  private static func date(_ image: inout ImageConfig, _ target: FinishedStage) {
    var rest = target.times[...]
    var time = target.times.first ?? target.baseTime
    for index in image.history.indices.dropFirst(target.baseHistory) {
      if !image.history[index].emptyLayer, let next = rest.popFirst() { time = next }
      if let time { image.history[index].created = time }
    }
    if let time { image.created = time }
  }

  // MARK: Sources

  /// A tree that a step reads besides its own; unpacked if need be. Stages have to be finished.
  func source(_ reference: TreeReference) throws(BuildProblem.Kind) -> RunStep.HostTree {
    switch reference {
    case .context: return try source(request.context, request.ignore, hidden)
    case .folder(let index):
      let folder = plan.folders[index]
      return try source(
        folder.path, folder.ignore, BuildRequest.hidden(in: folder.path, store: store.path))
    case .stage(let number):
      let files = try board.wait(for: number).files
      let tree = try files.tree(in: room)
      return RunStep.HostTree(path: tree.path, tree: tree.source, content: files.stack.diffIDs)
    case .image(let index):
      let files = imageTrees[index]
      let tree = try files.tree(in: room)
      return RunStep.HostTree(path: tree.path, tree: tree.source, content: files.stack.diffIDs)
    }
  }

  private func source(
    _ folder: BytePath, _ ignore: IgnoreFile, _ hidden: [BytePath]
  ) throws(BuildProblem.Kind) -> RunStep.HostTree {
    let root = try onFiles { () throws(FileError) in try SharedDirectory(opening: folder) }
    let tree = SourceTree(root: root, ignore: ignore, isContext: true, hidden: hidden)
    return RunStep.HostTree(path: folder.bytes, tree: tree)
  }

  /// What runs the commands.
  func executor() throws(BuildProblem.Kind) -> any Executor { try isolation().executor }

  /// The group that holds the limits of one RUN; nil where none is needed.
  func makeControlGroup() throws(BuildProblem.Kind) -> ControlGroup? {
    let choice = try isolation()
    do throws(IsolationError) {
      return try controlGroups.make(choice)
    } catch {
      throw .isolation(error)
    }
  }

  /// Chosen when the first RUN needs it.
  private func isolation() throws(BuildProblem.Kind) -> IsolationMode.Choice {
    try isolationBox.withLock { box throws(BuildProblem.Kind) in
      if let choice = box { return choice }
      let made: IsolationMode.Choice
      switch (request.isolation, identity) {
      case (.auto, .namespaceRoot), (.namespace, .namespaceRoot):
        made = IsolationMode.Choice(mode: .namespace, userNamespace: .single, reasons: [])
      case (.auto, .range(let mapping)), (.range, .range(let mapping)):
        made = IsolationMode.Choice(mode: .namespace, userNamespace: .ranges(mapping.fromInside), reasons: [])
      case (.auto, .ordinary(let reason?)), (.namespace, .ordinary(let reason?)):
        throw .isolation(reason)
      default:
        let scratch = try room.makeFolder()
        let probe = IsolationProbe(scratch: scratch, for: request.isolation)
        try room.removeFolder(scratch)
        do throws(IsolationError) {
          made = try request.isolation.choose(probe)
        } catch {
          throw .isolation(error)
        }
      }
      if made.mode == .chroot { events(.warning(.changesRootOnly)) }
      // Once in a build: what a builder has left that was killed.
      ControlGroups.sweep()
      box = made
      return made
    }
  }

  // MARK: Overlays

  /// An overlay over a stage's tree, if RUN is to have one.
  func makeOverlay(over tree: inout StageTree) throws(BuildProblem.Kind) -> OverlayStep? {
    guard case .overlay(let marks) = try findChanges().source else { return nil }
    let isWanted = request.snapshotter != .auto
    let folder = try room.makeFolder()
    let made = try onFiles { () throws(FileError) in
      try tree.makeOverlay(in: folder, marks: marks, isWanted: isWanted)
    }
    if made == nil { try room.removeFolder(folder) }
    return made
  }

  /// Found out once in a build.
  private func findChanges() throws(BuildProblem.Kind) -> ChangeFinding {
    try changeFinding.withLock { found throws(BuildProblem.Kind) in
      if let found { return found }
      let choice = try isolation()
      let scratch = try room.makeFolder()
      let finding: ChangeFinding
      do throws(IsolationError) {
        finding = try ChangeFinding(request.snapshotter, choice, identity, scratch: scratch)
      } catch {
        throw .isolation(error)
      }
      try room.removeFolder(scratch)
      found = finding
      return finding
    }
  }

  // MARK: The cache

  /// Whether the steps of a stage are executed whatever the cache has.
  func refusesCache(_ stage: BuildPlan.Stage) -> Bool {
    if request.refusesCache { return true }
    let name = stage.name?.lowercased() ?? ""
    return request.uncachedStages.contains { $0.lowercased() == name || $0 == "\(stage.number)" }
  }

  func lookUp(_ key: Digest) throws(BuildProblem.Kind) -> CachedStep? {
    var found: CachedStep?
    do throws(StoreError) {
      found = try store.cachedStep(key)
    } catch {
      throw .store(error)
    }
    if found == nil {
      for source in request.cacheSources {
        keep { () throws(StoreError) in found = try source.bring(key, into: store) }
        if found != nil { break }
      }
    }
    if let found { cachedLayers.withLock { $0[key] = found.layer.digest } }
    return found
  }

  func lock(_ key: Digest) throws(BuildProblem.Kind) -> StepLock? {
    do throws(StoreError) {
      return try store.lockStep(key) { stop.isStopped || board.hasFailed }
    } catch {
      throw .store(error)
    }
  }

  func remember(_ step: CachedStep, under key: Digest) {
    var step = step
    step.key = key
    keep { () throws(StoreError) in
      try store.putCachedStep(step)
      cachedLayers.withLock { $0[key] = step.layer.digest }
    }
  }

  /// Writes to the cache, or takes from another one. An image does not depend on that, so a failure is a warning, and
  /// told once.
  private func keep(_ body: () throws(StoreError) -> Void) {
    do throws(StoreError) {
      try body()
    } catch {
      let isFirst = cacheFailure.withLock { failed in
        defer { failed = true }
        return !failed
      }
      if isFirst { events(.warning(.cacheNotWritten(error))) }
    }
  }

  // MARK: What the last build was made of

  private static func filesName(_ request: BuildRequest) -> Digest {
    Digest(of: Array("files\0".utf8) + request.context.bytes)
  }

  /// The same stage of the same Dockerfile with the same context.
  private func reasonsName(_ stage: BuildPlan.Stage) -> Digest {
    var frames = ByteFrames()
    for part in [request.context.bytes, Array(request.dockerfile.name.utf8)] { frames.append(part) }
    frames.append((stage.name?.lowercased() ?? "\(stage.number)").utf8)
    frames.append(stage.image.platform.description.utf8)
    return Digest(of: frames.bytes)
  }

  func reasons(of stage: BuildPlan.Stage) -> [CacheReasons] {
    // Without the record nothing can be explained, and everything can be built.
    guard let bytes = try? store.cacheRecord(.reasons, reasonsName(stage)) else { return [] }
    return CacheReasons.decoded(bytes)
  }

  func record(_ reasons: [CacheReasons], of stage: BuildPlan.Stage) {
    guard !reasons.isEmpty else { return }
    keep { () throws(StoreError) in
      try store.putCacheRecord(.reasons, reasonsName(stage), CacheReasons.encoded(reasons))
    }
  }
}
