import FileTree
import ImageStore
import Isolation
import Layers
import OCIModel
import SourceText

/// One execution of a plan.
struct BuildRun {
  let plan: BuildPlan
  let request: BuildRequest
  let store: OCILayoutStore
  let identity: BuilderIdentity
  let cancellation: Cancellation?
  /// The folder for everything of this run.
  let work: [UInt8]
  let events: @Sendable (BuildEvent) -> Void

  /// What a stage has come to.
  struct Built {
    var tree: StageTree
    var image: ImageConfig
    /// The base's first.
    var layers: [OCIModel.Descriptor]
  }

  private var built: [Int: Built] = [:]
  /// Trees of images that are copied from, by index.
  private var imageTrees: [Int: StageTree] = [:]
  private var executor: NamespaceExecutor?
  private var folders = 0

  init(
    plan: BuildPlan, request: BuildRequest, store: OCILayoutStore, identity: BuilderIdentity,
    cancellation: Cancellation?, work: [UInt8], events: @escaping @Sendable (BuildEvent) -> Void
  ) {
    self.plan = plan
    self.request = request
    self.store = store
    self.identity = identity
    self.cancellation = cancellation
    self.work = work
    self.events = events
  }

  mutating func build() throws(BuildError) -> BuildResult {
    for (index, stage) in plan.stages.enumerated() {
      try build(stage)
      try discardTrees(after: index)
    }
    guard let target = built[plan.target] else { throw .invalid([]) }
    events(.exporting)
    return try export(target)
  }

  private func export(_ target: Built) throws(BuildError) -> BuildResult {
    var image = target.image
    image.created = timestampText(seconds: request.created.seconds, nanoseconds: request.created.nanoseconds)
    image.config.labels.merge(request.labels)
    do throws(StoreError) {
      let config = try store.put(image.encoded(), mediaType: .ociConfig)
      let manifest = ImageManifest(config: config, layers: target.layers)
      var descriptor = try store.put(manifest.encoded(), mediaType: .ociManifest)
      descriptor.platform = image.platform
      events(.exported(descriptor))
      return BuildResult(descriptor: descriptor, manifest: manifest, image: image)
    } catch {
      throw .store(error)
    }
  }

  // MARK: Stages

  private mutating func build(_ stage: BuildPlan.Stage) throws(BuildError) {
    var label = BuildEvent.Step(
      stage: plan.stages.count == 1 ? "" : stage.name ?? "stage-\(stage.number)", number: 0,
      total: stage.steps.count, title: "", isTrigger: false)
    var state = try start(stage, &label)
    state.image.config = stage.image.config
    state.image.history = stage.image.history
    state.image.author = stage.image.author
    for step in stage.steps {
      label.number += 1
      label.title = step.title
      label.isTrigger = step.trigger != nil
      events(.stepStarted(label))
      do throws(BuildProblem.Kind) {
        try checkCancelled()
        try carryOut(step.operation, label, &state)
      } catch .isolation(.cancelled) {
        throw .cancelled
      } catch {
        throw .step(
          BuildProblem(error, at: step.range, instruction: step.instruction, trigger: step.trigger))
      }
      events(.stepFinished(label))
    }
    built[stage.number] = state
  }

  private func checkCancelled() throws(BuildProblem.Kind) {
    if cancellation?.isCancelled == true { throw .isolation(.cancelled) }
  }

  /// The tree and layers that a stage starts with.
  private mutating func start(
    _ stage: BuildPlan.Stage, _ label: inout BuildEvent.Step
  ) throws(BuildError) -> Built {
    do throws(BuildProblem.Kind) {
      var state: Built
      switch stage.base {
      case .scratch:
        state = Built(tree: try makeTree(), image: stage.image, layers: [])
      case .stage(let number):
        guard let base = built[number] else { throw .circularStage("\(number)") }
        state = base
        if isNeeded(number, from: stage.number, heir: stage.number) { state.tree = try copyTree(base.tree) }
      case .image(let index):
        let base = plan.images[index]
        label.total += 1
        label.number = 1
        label.title = "FROM \(base.name)"
        events(.stepStarted(label))
        state = Built(
          tree: try extract(base.image), image: base.image.config,
          layers: base.image.manifest.layers.map(\.bare))
        events(.stepFinished(label))
      }
      try onFiles { () throws(FileError) in try state.tree.settle() }
      return state
    } catch {
      throw .step(BuildProblem(error, at: stage.range, instruction: stage.instruction))
    }
  }

  /// Whether one of the stages from a number on reads a stage, or it is what the build is for. A stage that is only
  /// built on the other may take its tree over: `heir`.
  private func isNeeded(_ number: Int, from first: Int, heir: Int? = nil) -> Bool {
    if number == plan.target { return true }
    return plan.stages.contains { stage in
      guard stage.number >= first else { return false }
      if stage.references.contains(.stage(number)) { return true }
      return stage.base == .stage(number) && stage.number != heir
    }
  }

  /// Removes trees that nothing reads any more, so that the disk holds few at a time.
  private mutating func discardTrees(after index: Int) throws(BuildError) {
    let current = plan.stages[index].number
    for (number, state) in built where !isNeeded(number, from: current + 1) {
      built[number] = nil
      let isShared = built.values.contains { $0.tree.path == state.tree.path }
      if isShared { continue }
      do throws(FileError) {
        try Directory(opening: BytePath(work)).removeTree(
          BytePath(Array(BytePath(state.tree.path).lastComponent)))
      } catch {
        throw .file(error)
      }
    }
  }

  // MARK: Trees

  private mutating func makeFolder() throws(BuildProblem.Kind) -> [UInt8] {
    folders += 1
    let name = BytePath("\(folders)")
    try onFiles { () throws(FileError) in
      try Directory(opening: BytePath(work)).makeDirectory(name, permissions: 0o755)
    }
    return BytePath(work).joining(name).bytes
  }

  private mutating func makeTree() throws(BuildProblem.Kind) -> StageTree {
    let path = try makeFolder()
    return try onFiles { () throws(FileError) in
      try StageTree(path: path, owners: identity.ownsDisk ? nil : OwnershipTable())
    }
  }

  private mutating func copyTree(_ tree: StageTree) throws(BuildProblem.Kind) -> StageTree {
    var copy = try makeTree()
    var options = TreeCopy.Options()
    options.attributes = .capabilitiesAndUser
    options.sourceOwners = tree.owners
    options.keepsExistingRoot = false
    var work = TreeCopy(options, placement: copy.placement)
    do throws(TreeCopyError) {
      try work.copy(from: tree.root.directory, BytePath(), to: copy.root.directory, BytePath())
    } catch {
      throw .copy(error)
    }
    copy.owners = work.placement.owners
    return copy
  }

  private mutating func extract(_ image: ResolvedImage) throws(BuildProblem.Kind) -> StageTree {
    var tree = try makeTree()
    for (descriptor, diffID) in zip(image.manifest.layers, image.config.diffIDs) {
      try checkCancelled()
      var options = ExtractOptions()
      options.expectedDiffID = diffID
      var extractor = Extractor(tree.root, options: options, placement: tree.placement)
      let failure = StoreSource.FailureBox()
      do throws(LayerError) {
        let source = StoreSource(try reader(of: descriptor), failure: failure)
        _ = try extractor.apply(
          ArchiveReader(source, compression: descriptor.mediaType.layerCompression))
      } catch {
        if let failure = failure.error { throw .store(failure) }
        throw .layer(error)
      }
      tree.owners = extractor.placement.owners
    }
    return tree
  }

  private func source(
    _ reference: TreeReference
  ) throws(BuildProblem.Kind) -> RunStep.HostTree {
    switch reference {
    case .context:
      let root = try onFiles { () throws(FileError) in try SharedDirectory(opening: request.context) }
      return RunStep.HostTree(
        path: request.context.bytes, tree: SourceTree(root: root, ignore: request.ignore, isContext: true))
    case .stage(let number):
      guard let stage = built[number] else { throw .circularStage("\(number)") }
      return RunStep.HostTree(path: stage.tree.path, tree: stage.tree.source, content: stage.image.diffIDs)
    case .image(let index):
      guard let tree = imageTrees[index] else { throw .base(plan.images[index].name, .notFound) }
      return RunStep.HostTree(
        path: tree.path, tree: tree.source, content: plan.images[index].image.config.diffIDs)
    }
  }

  private mutating func prepare(_ reference: TreeReference) throws(BuildProblem.Kind) {
    guard case .image(let index) = reference, imageTrees[index] == nil else { return }
    imageTrees[index] = try extract(plan.images[index].image)
  }

  // MARK: Steps

  private mutating func carryOut(
    _ operation: Operation, _ label: BuildEvent.Step, _ state: inout Built
  ) throws(BuildProblem.Kind) {
    state.tree.begin()
    switch operation {
    case .makeFolder(let path, let user): try makeFolder(path, user: user, &state.tree)
    case .copy(let copy):
      try prepare(copy.from)
      let users = try onFiles { () throws(FileError) in try state.tree.users() }
      var parts = [RemoteFetch.Part(operation: copy, tree: nil)]
      if copy.hasRemoteSources {
        let fetch = RemoteFetch(
          scratch: try makeFolder(), created: request.created, cancellation: cancellation)
        parts = try fetch.parts(of: copy, into: state.tree)
      }
      for part in parts {
        let tree = if let tree = part.tree { tree } else { try source(copy.from).tree }
        var step = CopyStep(
          part.operation, from: tree, to: state.tree, users: users,
          created: request.created)
        try step.run()
        if !step.skippedSockets.isEmpty { events(.warning(.skippedSockets(step.skippedSockets))) }
        if let path = step.overwrittenFile { events(.warning(.overwritten(path))) }
        state.tree.adopt(step.placement)
      }
    case .run(let run): try self.run(run, label, &state)
    }
    let diff = try onFiles { () throws(FileError) in try state.tree.commit() }
    let writer = LayerWriter(latestModified: request.clampsTimes ? request.created.seconds : nil)
    let (layer, skipped) = try store.pack(diff, of: state.tree.root, writer: writer)
    if !skipped.isEmpty { events(.warning(.skippedSockets(skipped))) }
    state.layers.append(
      OCIModel.Descriptor(mediaType: layer.mediaType, digest: layer.digest, size: layer.size))
    state.image.diffIDs.append(layer.diffID)
  }

  /// WORKDIR: what is missing of the folder belongs to the current user.
  private func makeFolder(
    _ path: [UInt8], user: String, _ tree: inout StageTree
  ) throws(BuildProblem.Kind) {
    let users = try onFiles { () throws(FileError) in try tree.users() }
    var owner = Owner.root
    if !user.isEmpty {
      do throws(UserLookupError) {
        let process = try users.processUser(Array(user.utf8))
        owner = Owner(uid: process.uid, gid: process.gid)
      } catch {
        throw .user(error)
      }
    }
    var placement = tree.placement
    do throws(FileError) {
      let made = try tree.root.directory.makeDirectories(BytePath(path))
      for folder in made.reversed() {
        let metadata = ObjectMetadata(
          type: .directory, permissions: 0o755, owner: owner, modified: request.created)
        try placement.apply(metadata, to: folder, in: tree.root.directory, path: folder)
      }
    } catch {
      if error.isNotADirectory { throw .destinationNotFolder(BytePath(path)) }
      throw .file(error)
    }
    tree.adopt(placement)
  }

  private mutating func run(
    _ run: RunOperation, _ label: BuildEvent.Step, _ state: inout Built
  ) throws(BuildProblem.Kind) {
    var sources: [TreeReference: RunStep.HostTree] = [:]
    for reference in run.mountedTrees {
      try prepare(reference)
      sources[reference] = try source(reference)
    }
    let executor = try executor(for: run)
    try makeWorkingDirectory(run.workingDirectory, &state.tree)
    let users = try onFiles { () throws(FileError) in try state.tree.users() }
    let step = RunStep(
      operation: run, tree: state.tree, users: users, scratch: try makeFolder(), sources: sources,
      request: request, store: store, ownsDisk: identity.ownsDisk)
    let events = events
    let status = try step.run(executor, cancellation: cancellation) { events(.output(label, $0)) }
    guard status == .exited(0) else { throw .runFailed(status) }
  }

  /// A base may name a working directory that it does not have.
  private func makeWorkingDirectory(_ path: [UInt8], _ tree: inout StageTree) throws(BuildProblem.Kind) {
    _ = try onFiles { () throws(FileError) in try tree.root.directory.makeDirectories(BytePath(path)) }
  }

  /// The executor, chosen when the first RUN needs it.
  private mutating func executor(for run: RunOperation) throws(BuildProblem.Kind) -> NamespaceExecutor {
    if let executor { return executor }
    do throws(IsolationError) {
      let made: NamespaceExecutor
      switch (request.isolation, identity) {
      case (.auto, .namespaceRoot), (.namespace, .namespaceRoot):
        made = NamespaceExecutor(userNamespace: .single)
      case (.auto, .ordinary(let reason?)), (.namespace, .ordinary(let reason?)):
        throw reason
      default: made = try request.isolation.executor(IsolationProbe.current())
      }
      executor = made
      return made
    } catch {
      throw .isolation(error)
    }
  }

  private func reader(of descriptor: OCIModel.Descriptor) throws(LayerError) -> BlobReader {
    do throws(StoreError) {
      return try store.open(descriptor)
    } catch {
      throw .file(FileError(.open, BytePath(descriptor.digest.description), 2))
    }
  }
}

extension FileError {
  var isNotADirectory: Bool { code == 20 }
}
