import FileTree
import ImageStore
import Isolation
import Layers
import OCIModel
import Synchronization

/// The layers of a stage so far, the base's first: all that its files depend on.
struct LayerStack: Hashable, Sendable {
  var layers: [OCIModel.Descriptor] = []
  var diffIDs: [Digest] = []

  var count: Int { layers.count }

  mutating func append(_ layer: OCIModel.Descriptor, _ diffID: Digest) {
    layers.append(layer)
    diffIDs.append(diffID)
  }

  /// Stands for the files in the keys of the steps behind them.
  var key: [UInt8] {
    var frames = ByteFrames()
    for (layer, diffID) in zip(layers, diffIDs) {
      frames.append(diffID.hex.utf8)
      frames.append(layer.digest.hex.utf8)
    }
    return Array(Digest(of: frames.bytes).hex.utf8)
  }
}

/// A root file system that is unpacked as far as it was needed.
struct WorkingTree: Sendable {
  var tree: StageTree?
  /// How many of the layers are in it.
  var depth = 0
}

/// The files of a finished stage, or of an image: unpacked when the first one asks for them.
final class SharedTree: Sendable {
  let stack: LayerStack
  private let working: Mutex<WorkingTree>

  init(_ stack: LayerStack, _ working: WorkingTree = WorkingTree()) {
    self.stack = stack
    self.working = Mutex(working)
  }

  /// The files; whoever asks meanwhile waits.
  func tree(in room: TreeRoom) throws(BuildProblem.Kind) -> StageTree {
    try working.withLock { working throws(BuildProblem.Kind) in try room.unpack(&working, to: stack) }
  }

  /// The files, if they have been unpacked already.
  var present: StageTree? { working.withLock { $0.depth == stack.count ? $0.tree : nil } }

  /// Hands the files over, for the only one who needs them.
  func take() -> WorkingTree {
    working.withLock { working in
      defer { working = WorkingTree() }
      return working
    }
  }
}

/// Makes and removes the trees of one build, in a folder of their own.
final class TreeRoom: Sendable {
  private let work: [UInt8]
  private let store: OCILayoutStore
  private let identity: BuilderIdentity
  private let limits: ArchiveLimits
  private let isCancelled: @Sendable () -> Bool
  private let folders = Atomic<Int>(0)

  init(
    work: [UInt8], store: OCILayoutStore, identity: BuilderIdentity, limits: ArchiveLimits,
    isCancelled: @escaping @Sendable () -> Bool
  ) {
    self.work = work
    self.store = store
    self.identity = identity
    self.limits = limits
    self.isCancelled = isCancelled
  }

  func makeFolder() throws(BuildProblem.Kind) -> [UInt8] {
    let name = BytePath("\(folders.add(1, ordering: .relaxed).newValue)")
    try onFiles { () throws(FileError) in
      try Directory(opening: BytePath(work)).makeDirectory(name, permissions: 0o755)
    }
    return BytePath(work).joining(name).bytes
  }

  /// Removes a folder that `makeFolder` has made, with all that is in it.
  func removeFolder(_ path: [UInt8]) throws(BuildProblem.Kind) {
    try onFiles { () throws(FileError) in try remove(path) }
  }

  func makeTree() throws(BuildProblem.Kind) -> StageTree {
    let path = try makeFolder()
    return try onFiles { () throws(FileError) in
      try StageTree(path: path, owners: identity.treeOwners)
    }
  }

  func copy(_ tree: StageTree) throws(BuildProblem.Kind) -> StageTree {
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
    try onFiles { () throws(FileError) in try copy.settle() }
    return copy
  }

  /// Unpacks the layers that a tree does not have yet.
  func unpack(_ working: inout WorkingTree, to stack: LayerStack) throws(BuildProblem.Kind) -> StageTree {
    if let tree = working.tree, working.depth == stack.count { return tree }
    var tree = if let tree = working.tree { tree } else { try makeTree() }
    for (descriptor, diffID) in zip(stack.layers, stack.diffIDs).dropFirst(working.depth) {
      if isCancelled() { throw .isolation(.cancelled) }
      try unpack(descriptor, diffID, &tree)
    }
    try onFiles { () throws(FileError) in try tree.settle() }
    working = WorkingTree(tree: tree, depth: stack.count)
    return tree
  }

  private func unpack(
    _ descriptor: OCIModel.Descriptor, _ diffID: Digest, _ tree: inout StageTree
  ) throws(BuildProblem.Kind) {
    var options = ExtractOptions()
    options.expectedDiffID = diffID
    options.limits = limits
    var extractor = Extractor(tree.root, options: options, placement: tree.placement)
    let failure = StoreSource.FailureBox()
    do throws(LayerError) {
      let source = StoreSource(try reader(of: descriptor), failure: failure)
      _ = try extractor.apply(
        ArchiveReader(source, compression: descriptor.mediaType.layerCompression, limits: limits))
    } catch {
      if let failure = failure.error { throw .store(failure) }
      throw .layer(error)
    }
    tree.owners = extractor.placement.owners
  }

  private func reader(of descriptor: OCIModel.Descriptor) throws(LayerError) -> BlobReader {
    do throws(StoreError) {
      return try store.open(descriptor)
    } catch {
      throw .file(FileError(.open, BytePath(descriptor.digest.description), 2))
    }
  }

  /// Removes a tree that nobody reads any more, so that the disk holds few at a time.
  func discard(_ shared: SharedTree) throws(BuildError) {
    guard let tree = shared.take().tree else { return }
    do throws(FileError) {
      try remove(tree.path)
    } catch {
      throw .file(error)
    }
  }

  func discard(_ tree: StageTree) throws(BuildProblem.Kind) {
    try removeFolder(tree.path)
  }

  private func remove(_ path: [UInt8]) throws(FileError) {
    try Directory(opening: BytePath(work)).removeTree(BytePath(Array(BytePath(path).lastComponent)))
  }
}
