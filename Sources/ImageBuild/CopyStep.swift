import DockerfileSyntax
import FileTree
import Isolation
import Layers

/// Carries out one COPY or ADD.
struct CopyStep {
  let sources: CopySources
  let target: SharedDirectory
  let users: UserDatabase
  /// The time of what is made and has no source.
  let created: Timestamp
  /// Later times become this one in the layer.
  let latestModified: Int64?
  /// How much an archive may hold that is unpacked.
  var limits = ArchiveLimits()
  var placement: Placement
  private(set) var skippedSockets: [BytePath] = []
  /// A file that several sources became, one after the other.
  private(set) var overwrittenFile: BytePath?
  private(set) var owner: Owner?
  /// Folders that were made for a destination; they get their metadata when all is copied. Without any, they are
  /// the build's own.
  var madeFolders: [BytePath: ObjectMetadata?] = [:]

  init(
    _ operation: CopyOperation, from source: SourceTree, to target: StageTree, users: UserDatabase,
    created: Timestamp, latestModified: Int64?
  ) {
    sources = CopySources(operation: operation, source: source)
    self.target = target.root
    self.users = users
    self.created = created
    self.latestModified = latestModified
    placement = target.placement
  }

  var operation: CopyOperation { sources.operation }
  var source: SourceTree { sources.source }

  mutating func run() throws(BuildProblem.Kind) {
    owner = try chosenOwner()
    let items = try sources.items()
    try checkDestination(items)
    for item in items {
      switch item {
      case .object(let object): try copy(object)
      case .document(let name, let content):
        try write(content, name: name)
      case .nothing(let folder): try makeDestination(for: folder)
      }
    }
    try finishFolders()
  }

  private func chosenOwner() throws(BuildProblem.Kind) -> Owner? {
    guard let text = operation.owner else { return nil }
    do throws(UserLookupError) {
      let (uid, gid) = try users.owner(text)
      return Owner(uid: uid, gid: gid)
    } catch {
      throw .owner(error)
    }
  }

  // MARK: Destinations

  /// Where the destination is, with links followed inside the image.
  func resolvedDestination() throws(BuildProblem.Kind) -> BytePath {
    try onFiles { () throws(FileError) in try target.directory.resolve(operation.destination) }
  }

  func status(at path: BytePath) throws(BuildProblem.Kind) -> FileStatus? {
    do throws(FileError) {
      return try target.directory.statusIfPresent(path)
    } catch {
      if error.isNotFound { return nil }
      throw .file(error)
    }
  }

  /// Several files can only go into a folder. Where one wildcard finds them, the last stays, as with BuildKit.
  private mutating func checkDestination(_ items: [CopySources.Item]) throws(BuildProblem.Kind) {
    guard !operation.isFolder, !operation.keepsParents else { return }
    var files = 0
    for item in items where !item.isDirectory {
      // An archive is unpacked into a folder, which then is there for the others.
      if operation.unpacks, case .object(let object) = item, try isArchive(object.path) { return }
      files += 1
    }
    guard files > 1 else { return }
    let path = try resolvedDestination()
    if try status(at: path)?.isDirectory == true { return }
    guard operation.sources.count == 1 else { throw .severalSources(operation.destination) }
    overwrittenFile = operation.destination
  }

  /// The path that a file gets: in the destination if that is a folder, else the destination itself.
  private mutating func place(named name: [UInt8]) throws(BuildProblem.Kind) -> BytePath {
    let path = try resolvedDestination()
    let existing = try status(at: path)
    guard operation.isFolder || existing?.isDirectory == true || path.isEmpty else {
      _ = try makeFolders(path.parent)
      return path
    }
    if let existing, !existing.isDirectory { throw .destinationNotFolder(operation.destination) }
    _ = try makeFolders(path)
    // What an earlier source has given it is over.
    if madeFolders[path] != nil { madeFolders[path] = .some(nil) }
    return path.joining(name)
  }

  /// Makes what is missing of a folder.
  mutating func makeFolders(_ path: BytePath) throws(BuildProblem.Kind) -> [BytePath] {
    do throws(FileError) {
      let made = try target.directory.makeDirectories(path)
      for folder in made { madeFolders[folder] = .some(nil) }
      return made
    } catch {
      if error.isNotADirectory { throw .destinationNotFolder(BytePath([0x2F] + path.bytes)) }
      throw .file(error)
    }
  }

  /// What a folder that is made on the way to a destination gets: the owner of `--chown`, but not the mode of `--chmod`,
  /// which would lock a folder for files.
  func newFolder(modified: Timestamp) -> ObjectMetadata {
    ObjectMetadata(type: .directory, permissions: 0o755, owner: owner ?? .root, modified: modified)
  }

  /// Gives the made folders their metadata, the deepest first.
  private mutating func finishFolders() throws(BuildProblem.Kind) {
    for path in madeFolders.keys.sorted().reversed() {
      let metadata = madeFolders[path].flatMap(\.self) ?? newFolder(modified: created)
      try onFiles { () throws(FileError) in
        try placement.apply(metadata, to: path, in: target.directory, path: path)
      }
    }
  }

  // MARK: Copying

  private mutating func copy(_ object: CopySources.Object) throws(BuildProblem.Kind) {
    let (path, status) = (object.path, object.status)
    if operation.unpacks, status.isRegular, try unpack(path) { return }
    let name = BytePath(object.name)
    if !status.isDirectory, operation.excluded.excludes(name) {
      if operation.isFolder { _ = try makeFolders(resolvedDestination()) }
      return
    }
    let destination: BytePath
    if object.pivot != nil {
      destination = try placeWithParents(object)
    } else if status.isDirectory {
      destination = try makeDestination()
    } else {
      destination = try place(named: object.name)
    }
    var failure: FileError?
    let sources = sources
    var options = TreeCopy.Options()
    options.sourceOwners = source.owners
    options.metadata = metadataRule()
    // As with BuildKit: a file that is copied once more is not in the layer once more. Its bytes depend on times in whole
    // seconds alone, which are what a tree has that was unpacked.
    options.leavesEqual = true
    options.latestModified = latestModified
    options.including = { relative, status in
      do throws(FileError) {
        return try sources.isIncluded(path.joining(relative), below: relative, status)
      } catch {
        failure = failure ?? error
        return false
      }
    }
    var copy = TreeCopy(options, placement: placement)
    do throws(TreeCopyError) {
      try copy.copy(from: source.root.directory, path, to: target.directory, destination)
    } catch {
      switch error {
      case .file(let error): throw .file(error)
      default: throw .copy(error)
      }
    }
    if let failure { throw .file(failure) }
    placement = copy.placement
    skippedSockets += copy.report.skippedSockets
    if isDestination(of: object) { try finishDestination(destination, object) }
  }

  // MARK: Folders as sources

  /// The folder that the content of a folder goes to; it is made if it is missing.
  mutating func makeDestination() throws(BuildProblem.Kind) -> BytePath {
    let path = try resolvedDestination()
    if let existing = try status(at: path), !existing.isDirectory {
      throw .destinationNotFolder(operation.destination)
    }
    _ = try makeFolders(path)
    return path
  }

  /// Whether an object is a folder whose content goes to the destination.
  private func isDestination(of object: CopySources.Object) -> Bool {
    guard object.status.isDirectory else { return false }
    return object.pivot.map { $0 >= object.written.components.count } ?? true
  }

  /// The destination takes the time of the folder whose content it has got, and nothing else. The time of the
  /// context's own folder is when somebody put it there: instead of it stands the build's.
  private mutating func finishDestination(
    _ path: BytePath, _ object: CopySources.Object
  ) throws(BuildProblem.Kind) {
    let isWholeContext = source.isContext && object.path.isEmpty
    let modified = isWholeContext ? created : object.status.modified
    if madeFolders[path] != nil {
      // This one is what is copied. Letters change a mode, and a new folder has none.
      madeFolders[path] = ObjectMetadata(
        type: .directory, permissions: operation.mode?.number.map { $0 & 0o777 } ?? 0o755,
        owner: owner ?? .root, modified: modified)
    } else if isWholeContext, !path.isEmpty {
      try onFiles { () throws(FileError) in try target.directory.setModified(path, modified) }
    }
  }

  private func metadataRule() -> (BytePath, FileStatus) -> (owner: Owner, permissions: UInt32) {
    let owner = owner
    let isContext = source.isContext
    let mode = operation.mode
    return { _, status in
      let permissions: UInt32
      if let mode, status.type != .symbolicLink {
        permissions = mode.applied(to: status.permissions, isDirectory: status.isDirectory)
      } else {
        permissions = status.permissions
      }
      return (owner ?? (isContext ? .root : status.owner), permissions)
    }
  }

  // MARK: Here-documents and archives

  private mutating func write(_ content: [UInt8], name: [UInt8]) throws(BuildProblem.Kind) {
    let path = try place(named: name)
    if let existing = try status(at: path) {
      if existing.isDirectory { throw .copy(.fileOverFolder(path)) }
      try onFiles { () throws(FileError) in try target.directory.removeFile(path) }
      placement.removed(path, existing.type)
    }
    let permissions = operation.mode?.applied(to: 0o644, isDirectory: false) ?? 0o644
    let metadata = ObjectMetadata(
      type: .regular, permissions: permissions, owner: owner ?? .root, modified: created)
    try onFiles { () throws(FileError) in
      try target.directory.writeFile(path, content, permissions: 0o600)
      try placement.apply(metadata, to: path, in: target.directory, path: path)
    }
  }

  /// Unpacks an archive into the destination.
  /// - Returns: whether the file is an archive; what is none is copied.
  private mutating func unpack(_ path: BytePath) throws(BuildProblem.Kind) -> Bool {
    guard try isArchive(path) else { return false }
    var options = ExtractOptions()
    options.whiteouts = .reject
    options.destination = try resolvedDestination()
    options.owner = owner
    options.limits = limits
    options.impliedTime = created
    if let existing = try status(at: options.destination), !existing.isDirectory {
      throw .destinationNotFolder(operation.destination)
    }
    _ = try makeFolders(options.destination)
    var extractor = Extractor(target, options: options, placement: placement)
    do throws(LayerError) {
      _ = try extractor.apply(open(path))
    } catch {
      throw .layer(error)
    }
    placement = extractor.placement
    return true
  }

  private func open(_ path: BytePath) throws(LayerError) -> ArchiveReader {
    let file: OpenFile
    do throws(FileError) {
      file = try source.root.directory.openFile(path)
    } catch {
      throw .file(error)
    }
    return try ArchiveReader(FileSource(file), compression: nil, limits: limits)
  }

  /// Whether a file is a tar, compressed or not, with at least one member that can be read.
  private func isArchive(_ path: BytePath) throws(BuildProblem.Kind) -> Bool {
    do throws(LayerError) {
      return try open(path).next() != nil
    } catch {
      if case .file(let error) = error { throw .file(error) }
      // What is too large to be unpacked is an archive all the same.
      if case .limit = error { throw .layer(error) }
      return false
    }
  }
}

/// Runs a step on files inside the work of an instruction.
func onFiles<Result: ~Copyable>(_ body: () throws(FileError) -> Result) throws(BuildProblem.Kind) -> Result {
  do {
    return try body()
  } catch {
    throw .file(error)
  }
}
