import DockerfileSyntax
import FileTree
import Isolation
import Layers
import OCIModel

// What the layer of a step depends on. It is written down piece by piece; see docs/decisions/0015.
extension StageRun {
  /// Raised when steps are executed or layers are written in another way than before.
  private static let format = "slipway-layer 3"
  /// How layers lie in the store. An output that wants another form converts them.
  static let codec: LayerCodec = .gzip

  /// What goes into the key of every step.
  private func start(_ operation: Operation) -> CacheIngredients {
    var ingredients = CacheIngredients()
    ingredients.add(.format, "layer", "\(Self.format) \(Self.codec)")
    if !operation.isLinked { ingredients.add(.parent, "", stack.key) }
    // Only then do times in the layer depend on what was asked for.
    if request.clampsTimes {
      ingredients.add(.setting, "SOURCE_DATE_EPOCH", "\(request.created.seconds)")
    }
    return ingredients
  }

  /// The key of a step, with sources that are no context taken as a whole: it needs none of their files.
  func wholeKey(_ operation: Operation) throws(BuildProblem.Kind) -> CacheIngredients {
    var ingredients = start(operation)
    describe(operation, &ingredients)
    for reference in operation.readTrees where !reference.isHostFolder {
      ingredients.add(.source, name(of: reference), try sourceTree(reference).stack.key)
    }
    if case .copy(let copy) = operation, !copy.from.isHostFolder { describeSources(copy, &ingredients) }
    let content = try readContent(operation, fromContext: true)
    ingredients.items += content.items
    return ingredients
  }

  /// The key of a step by the very files that it reads.
  func contentKey(
    _ operation: Operation
  ) throws(BuildProblem.Kind) -> (ingredients: CacheIngredients, signature: [UInt8]) {
    var ingredients = start(operation)
    describe(operation, &ingredients)
    var content = try readContent(operation, fromContext: true)
    ingredients.items += content.items
    let signature = content.signature
    content = try readContent(operation, fromContext: false)
    ingredients.items += content.items
    return (ingredients, signature)
  }

  private func readContent(
    _ operation: Operation, fromContext: Bool
  ) throws(BuildProblem.Kind) -> StepContent {
    var content = StepContent(run.digests)
    switch operation {
    case .makeFolder: break
    case .copy(let copy):
      guard copy.from.isHostFolder == fromContext else { break }
      let source = try run.source(copy.from)
      try source.read { (tree) throws(BuildProblem.Kind) in try content.read(copy, from: tree) }
      if let remotes { content.add(try remotes.ingredients()) }
    case .run(let command):
      for mount in command.mounts {
        guard case .bind(let reference, let path, _) = mount.kind, reference.isHostFolder == fromContext
        else { continue }
        let source = try run.source(reference)
        try source.read { (tree) throws(BuildProblem.Kind) in
          let found = try onFiles { () throws(FileError) in try tree.find(path) }
          guard let found else { throw .sourceNotFound(path, isIgnored: false) }
          try content.read(mounted: found.path, of: tree)
        }
      }
    }
    return content
  }

  /// What tells apart the caches that start with files of a folder of the host.
  func cacheContent(
    _ command: RunOperation, _ reference: TreeReference, _ source: RunStep.HostTree
  ) throws(BuildProblem.Kind) -> [Digest] {
    var digests: [Digest] = []
    for mount in command.mounts {
      guard case .cache(let cache) = mount.kind, cache.from == reference else { continue }
      var content = StepContent(run.digests)
      try source.read { (tree) throws(BuildProblem.Kind) in
        let found = try onFiles { () throws(FileError) in try tree.find(cache.source) }
        // The mount itself says that there is nothing.
        guard let found else { return }
        try content.read(mounted: found.path, of: tree)
      }
      var ingredients = CacheIngredients()
      ingredients.items = content.items
      digests.append(ingredients.key)
    }
    return digests
  }

  /// What the instruction says.
  private func describe(_ operation: Operation, _ ingredients: inout CacheIngredients) {
    switch operation {
    case .makeFolder(let path, let user):
      ingredients.add(.instruction, "WORKDIR", path)
      ingredients.add(.setting, "USER", user)
    case .copy(let copy):
      ingredients.add(.instruction, copy.unpacks ? "ADD" : "COPY", copy.destination.bytes)
      ingredients.add(
        .instruction, "form",
        "folder=\(copy.isFolder) parents=\(copy.keepsParents) link=\(copy.isLinked) context=\(copy.from.isHostFolder)"
      )
      if let owner = copy.owner { ingredients.add(.instruction, "--chown", owner) }
      if let mode = copy.mode {
        // What it makes of documents and of a new destination; that of other files is part of what they are.
        let (document, folder) = (
          mode.applied(to: 0o644, isDirectory: false), mode.applied(to: 0o755, isDirectory: true)
        )
        ingredients.add(.instruction, "--chmod", "\(document) \(folder)")
      }
    case .run(let command): describe(command, &ingredients)
    }
  }

  /// What is copied from a tree that is not looked at: all that the instruction says of it.
  private func describeSources(_ copy: CopyOperation, _ ingredients: inout CacheIngredients) {
    for filter in copy.filters { ingredients.add(.instruction, "filter", filter) }
    for (index, source) in copy.sources.enumerated() {
      switch source {
      case .path(let path): ingredients.add(.instruction, "source \(index + 1)", path)
      case .document(let name, let content):
        ingredients.items.append(CacheIngredient(.document, name, content))
      // There is none beside `--from`: ADD does not have it.
      case .remote(let remote): ingredients.add(.instruction, "source \(index + 1)", remote.name)
      }
    }
  }

  private func describe(_ run: RunOperation, _ ingredients: inout CacheIngredients) {
    var words = ByteFrames()
    for word in run.arguments { words.append(word) }
    ingredients.add(.instruction, "command", words.bytes)
    if let script = run.script {
      ingredients.items.append(CacheIngredient(.document, script.name, script.content))
    }
    for variable in run.environment where !run.unkeyed.contains(variable.name) {
      ingredients.items.append(CacheIngredient(.variable, variable.name, variable.value))
    }
    ingredients.add(.setting, "USER", run.user)
    ingredients.add(.setting, "WORKDIR", run.workingDirectory)
    ingredients.add(.setting, "--network", "\(run.network)")
    ingredients.add(.setting, "hostname", run.hostname)
    ingredients.add(.setting, "--platform", image.platform.description)
    ingredients.add(.setting, "caller", self.run.identity.cacheName)
    for mount in run.mounts { ingredients.add(.instruction, "--mount", mountText(mount)) }
  }

  private func mountText(_ mount: RunMount) -> [UInt8] {
    var frames = ByteFrames()
    frames.append(mount.target)
    switch mount.kind {
    case .temporary(let size, let writable): frames.append("tmpfs \(size ?? 0) \(writable)".utf8)
    case .bind(let reference, let path, let writable):
      frames.append("bind \(reference.isHostFolder) \(writable)".utf8)
      frames.append(path.bytes)
    // What is in it decides nothing, and neither does what a new one starts with.
    case .cache(let cache):
      frames.append("cache \(cache.writable)".utf8)
      frames.append(cache.id)
    // The value decides nothing, and is not to be found by trying.
    case .secret(let secret):
      frames.append(
        "secret \(secret.isFile) \(secret.isRequired) \(secret.mode) \(secret.uid):\(secret.gid)".utf8)
      frames.append(secret.id.utf8)
      frames.append(secret.environment ?? [])
    case .agent(let agent):
      frames.append("ssh \(agent.isRequired) \(agent.setsVariable)".utf8)
      frames.append(agent.id.utf8)
      if !agent.isUsual { frames.append("\(agent.mode) \(agent.uid):\(agent.gid)".utf8) }
    }
    return frames.bytes
  }

  private func name(of reference: TreeReference) -> String {
    switch reference {
    case .context: "context"
    case .folder(let index): run.plan.folders[index].name
    case .stage(let number):
      run.plan.stages.first { $0.number == number }?.name ?? "stage \(number)"
    case .image(let index): run.plan.images[index].name
    }
  }

  private func sourceTree(_ reference: TreeReference) throws(BuildProblem.Kind) -> SharedTree {
    switch reference {
    case .context, .folder: throw .circularStage(name(of: reference))
    case .stage(let number): return try run.board.wait(for: number).files
    case .image(let index): return run.imageTrees[index]
    }
  }
}

extension RunStep.HostTree {
  /// Reads files of the tree; an error names them as the user does.
  fileprivate func read(
    _ body: (SourceTree) throws(BuildProblem.Kind) -> Void
  ) throws(BuildProblem.Kind) {
    do throws(BuildProblem.Kind) {
      try body(tree)
    } catch .file(let error) where tree.isContext {
      throw .file(FileError(error.operation, BytePath(path).joining(error.path), error.code))
    } catch {
      throw error
    }
  }
}

extension Operation {
  /// Whether the step sees nothing of the layers below it.
  var isLinked: Bool {
    if case .copy(let copy) = self { copy.isLinked } else { false }
  }

  /// The trees that the step reads besides its own.
  var readTrees: [TreeReference] {
    switch self {
    case .makeFolder: []
    case .copy(let copy): [copy.from]
    case .run(let run):
      run.mounts.reduce(into: []) { trees, mount in
        let reference: TreeReference? =
          switch mount.kind {
          case .bind(let reference, _, _): reference
          case .cache(let cache): cache.from
          case .temporary, .secret, .agent: nil
          }
        if let reference, !trees.contains(reference) { trees.append(reference) }
      }
    }
  }
}
