import FileTree
import ImageStore
import Isolation
import Layers
import OCIModel

/// One stage while it is built, on one thread.
struct StageRun {
  let run: BuildRun
  let stage: BuildPlan.Stage
  let image: ImageConfig
  var stack = LayerStack()
  /// What the step that is being built has elsewhere.
  private(set) var remotes: RemoteSources?
  private var working = WorkingTree()
  private var result: FinishedStage?
  private var label: BuildEvent.Step
  private var times: [String] = []
  /// What the last build of this stage has recorded, and what this one does.
  private let before: [CacheReasons]
  private var reasons: [CacheReasons] = []

  var request: BuildRequest { run.request }

  init(_ run: BuildRun, _ stage: BuildPlan.Stage) {
    self.run = run
    self.stage = stage
    image = stage.image
    label = BuildEvent.Step(
      stage: run.plan.stages.count == 1 ? "" : stage.name ?? "stage-\(stage.number)", number: 0,
      total: stage.steps.count, title: "", isTrigger: false)
    before = run.request.explainsCache ? run.reasons(of: stage) : []
  }

  mutating func build() throws(BuildError) -> FinishedStage {
    defer { run.record(reasons, of: stage) }
    let base = try start()
    for (position, step) in stage.steps.enumerated() {
      label.number += 1
      label.title = step.title
      label.isTrigger = step.trigger != nil
      run.events(.stepStarted(label))
      do throws(BuildProblem.Kind) {
        try run.checkStopped()
        try build(step, position)
      } catch .isolation(.cancelled) {
        throw .cancelled
      } catch {
        run.events(.stepFailed(label))
        throw .step(
          BuildProblem(error, at: step.place(of: error), instruction: step.instruction, trigger: step.trigger)
        )
      }
    }
    return FinishedStage(
      files: SharedTree(stack, working), times: times, baseHistory: base.history, baseTime: base.time)
  }

  /// Takes over the layers that the stage starts with.
  private mutating func start() throws(BuildError) -> (history: Int, time: String?) {
    switch stage.base {
    case .scratch: return (0, nil)
    case .stage(let number):
      do throws(BuildProblem.Kind) {
        let base = try run.board.wait(for: number)
        stack = base.files.stack
        times = base.times
        return (base.baseHistory, base.baseTime)
      } catch {
        throw .cancelled
      }
    case .image(let index):
      let base = run.plan.images[index]
      label.total += 1
      label.number = 1
      label.title = "FROM \(base.name)"
      run.events(.stepStarted(label))
      stack = run.imageTrees[index].stack
      run.events(.stepFinished(label))
      return (base.image.config.history.count, base.image.config.created)
    }
  }

  // MARK: Steps

  private mutating func build(_ step: BuildStep, _ position: Int) throws(BuildProblem.Kind) {
    for case .stage(let number) in step.operation.readTrees { _ = try run.board.wait(for: number) }
    remotes = nil
    if case .copy(let copy) = step.operation, copy.hasRemoteSources {
      remotes = RemoteSources(
        copy, scratch: try run.room.makeFolder(), created: request.created,
        cancellation: run.stop.cancellation)
    }
    defer { remotes = nil }
    let whole = try wholeKey(step.operation)
    let asks = !run.refusesCache(stage)
    if asks, let found = try run.lookUp(whole.key) { return take(found, step, whole) }
    // Only with other trees as sources are the two keys different.
    let hasSources = step.operation.readTrees.contains { !$0.isHostFolder }
    let content = try contentKey(step.operation)
    let key = content.ingredients.key
    if asks, hasSources, let found = try run.lookUp(key) {
      run.remember(found, under: whole.key)
      return take(found, step, whole)
    }
    var ingredients = content.ingredients
    if hasSources { ingredients.items += whole.items.filter { $0.kind == .source } }
    guard asks else {
      explain(.refused, step, ingredients, position)
      return try executeAndStore(step, content, whole.key)
    }
    guard let lock = try run.lock(key) else { throw .isolation(.cancelled) }
    defer { lock.release() }
    // Somebody else may have executed it meanwhile.
    if let found = try run.lookUp(key) { return take(found, step, ingredients) }
    explain(nil, step, ingredients, position)
    try executeAndStore(step, content, whole.key)
  }

  private mutating func take(_ found: CachedStep, _ step: BuildStep, _ ingredients: CacheIngredients) {
    stack.append(found.layer, found.diffID)
    times.append(found.created)
    reasons.append(CacheReasons(title: step.title, ingredients))
    if request.explainsCache { run.events(.cacheVerdict(label, .hit)) }
    run.events(.stepCached(label))
  }

  /// Notes why a step is executed. Without a verdict the last build tells it.
  private mutating func explain(
    _ verdict: CacheVerdict?, _ step: BuildStep, _ ingredients: CacheIngredients, _ position: Int
  ) {
    let now = CacheReasons(title: step.title, ingredients)
    reasons.append(now)
    guard request.explainsCache else { return }
    run.events(.cacheVerdict(label, verdict ?? now.verdict(after: before, position: position)))
  }

  private mutating func executeAndStore(
    _ step: BuildStep, _ content: (ingredients: CacheIngredients, signature: [UInt8]), _ whole: Digest
  ) throws(BuildProblem.Kind) {
    let made = try run.board.withPermit { () throws(BuildProblem.Kind) in
      try run.checkStopped()
      return try execute(step.operation)
    }
    run.events(.stepFinished(label))
    let key = content.ingredients.key
    let cached = CachedStep(key: key, layer: made.layer, diffID: made.diffID, created: run.created)
    stack.append(made.layer, made.diffID)
    times.append(run.created)
    if !step.operation.isLinked { working.depth = stack.count }
    // A file that was changed while the step read it: nobody knows which of its contents is in the layer.
    if step.operation.readTrees.contains(where: \.isHostFolder) {
      let parent = stack
      stack = LayerStack(layers: Array(parent.layers.dropLast()), diffIDs: Array(parent.diffIDs.dropLast()))
      defer { stack = parent }
      let after = try contentKey(step.operation)
      guard after.signature == content.signature, after.ingredients.key == key else { return }
    }
    run.remember(cached, under: key)
    if whole != key { run.remember(cached, under: whole) }
  }

  // MARK: Execution

  /// The stage's files as its layers have them.
  private mutating func unpack() throws(BuildProblem.Kind) -> StageTree {
    if working.tree == nil, case .stage(let number) = stage.base {
      let base = try run.board.wait(for: number).files
      let alsoReads = stage.references.contains(.stage(number))
      if !alsoReads, number != run.plan.target, run.board.isOnlyReader(of: number) {
        working = base.take()
      } else if let tree = base.present {
        working = WorkingTree(tree: try run.room.copy(tree), depth: base.stack.count)
      }
    }
    return try run.room.unpack(&working, to: stack)
  }

  private mutating func execute(
    _ operation: Operation
  ) throws(BuildProblem.Kind) -> (layer: OCIModel.Descriptor, diffID: Digest) {
    let isLinked = operation.isLinked
    var tree = try isLinked ? run.room.makeTree() : unpack()
    tree.begin()
    let diff: LayerDiff
    switch operation {
    case .makeFolder(let path, let user):
      try makeFolder(path, user: user, &tree)
      diff = try onFiles { () throws(FileError) in try tree.commit() }
    case .copy(let copy):
      let users = try onFiles { () throws(FileError) in try tree.users() }
      let parts = try remotes?.parts(into: tree) ?? [RemoteSources.Part(operation: copy, tree: nil)]
      for part in parts {
        let source = if let tree = part.tree { tree } else { try run.source(copy.from).tree }
        var step = CopyStep(
          part.operation, from: source, to: tree, users: users, created: request.created,
          latestModified: request.clampsTimes ? request.created.seconds : nil)
        step.limits = request.limits
        try step.run()
        if !step.skippedSockets.isEmpty { run.events(.warning(.skippedSockets(step.skippedSockets))) }
        if let path = step.overwrittenFile { run.events(.warning(.overwritten(path))) }
        tree.adopt(step.placement)
      }
      diff = try onFiles { () throws(FileError) in try tree.commit() }
    case .run(let command):
      let ledger = try onFiles { () throws(FileError) in try tree.ledger() }
      let overlay = try execute(command, &tree, ledger)
      diff = try run.room.commit(&tree, after: overlay, ledger, from: stack)
    }
    if !isLinked { working.tree = tree }
    let writer = LayerWriter(
      codec: StageRun.codec, latestModified: request.clampsTimes ? request.created.seconds : nil)
    let (layer, skipped) = try run.store.pack(diff, of: tree.root, writer: writer)
    if !skipped.isEmpty { run.events(.warning(.skippedSockets(skipped))) }
    if isLinked { try run.room.discard(tree) }
    let descriptor = OCIModel.Descriptor(mediaType: layer.mediaType, digest: layer.digest, size: layer.size)
    return (descriptor, layer.diffID)
  }

  /// WORKDIR: what is missing of the folder belongs to the current user.
  private func makeFolder(
    _ path: [UInt8], user: String, _ tree: inout StageTree
  ) throws(BuildProblem.Kind) {
    let users = try onFiles { () throws(FileError) in try tree.users() }
    var owner = Owner.root
    // A user that the image does not have is a mistake for RUN alone, as with BuildKit: an image for others to
    // complete may name one. A number alone is the group too, as for --chown.
    if !user.isEmpty, let (uid, gid) = try? users.owner(Array(user.utf8)) {
      owner = Owner(uid: uid, gid: gid)
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

  /// - Returns: the overlay that has the command's changes; nil if the tree has them.
  private func execute(
    _ command: RunOperation, _ tree: inout StageTree, _ ledger: OwnerLedger
  ) throws(BuildProblem.Kind) -> OverlayStep? {
    var sources: [TreeReference: RunStep.HostTree] = [:]
    for reference in Operation.run(command).readTrees {
      var source = try run.source(reference)
      if reference.isHostFolder { source.content = try cacheContent(command, reference, source) }
      sources[reference] = source
    }
    let executor = try run.executor()
    try run.requirePlatform(image.platform, in: tree.root, executor)
    // A base may name a working directory that it does not have.
    let made = try onFiles { () throws(FileError) in
      try tree.root.directory.makeDirectories(BytePath(command.workingDirectory))
    }
    let users = try onFiles { () throws(FileError) in try tree.users() }
    // What was made just now is a change that only a comparison finds.
    let overlay = made.isEmpty ? try run.makeOverlay(over: &tree) : nil
    let group = try run.makeControlGroup()
    defer { group?.remove() }
    let step = RunStep(
      operation: command, tree: tree, overlay: overlay, ledger: ledger, users: users, group: group,
      scratch: try run.room.makeFolder(), sources: sources,
      request: request, store: run.store, identity: run.identity)
    let (events, label) = (run.events, label)
    let start = Timestamp.coarseNow
    let served = try overlay?.serve(over: tree)
    let status: ExitStatus
    do throws(BuildProblem.Kind) {
      status = try step.run(
        executor, cancellation: run.stop.cancellation, output: { events(.output(label, $0)) },
        inspect: { (failed, status) throws(BuildProblem.Kind) in
          guard let terminal = request.failureTerminal, run.board.hold(for: stage.number) else { return }
          var spec = failed
          if let overlay {
            // An overlay of this kind is not mounted twice.
            try served?.finish()
            try onFiles { () throws(FileError) in try tree.merge(overlay) }
            spec.root = .directory(tree.path)
            spec.backing = nil
          }
          let shell = FailureShell(terminal: terminal, words: command.shell, step: label, events: events)
          try shell.open(in: spec, after: status, executor, cancellation: run.stop.cancellation)
        })
    } catch {
      // If it is the files that have gone, that is why.
      if case .isolation(.cancelled) = error { throw error }
      try served?.finish()
      throw error
    }
    try served?.finish()
    let memoryKills = group?.memoryKills ?? 0
    guard status == .exited(0) else {
      throw memoryKills > 0 ? .outOfMemory(status, limit: group?.memory) : .runFailed(status)
    }
    if memoryKills > 0 { events(.warning(.killedForMemory(step: label.title, count: memoryKills))) }
    try onFiles { () throws(FileError) in
      try tree.dateConfigurationFolder(in: overlay?.upper ?? tree.root, start)
    }
    return overlay
  }
}

extension FileError {
  var isNotADirectory: Bool { code == 20 }
}
