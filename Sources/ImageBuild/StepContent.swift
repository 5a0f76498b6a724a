import DockerfileSyntax
import FileTree
import OCIModel

/// The files that a step reads, as ingredients of its key: what they will be in the layer, times left out.
struct StepContent: Sendable {
  private(set) var items: [CacheIngredient] = []
  /// What tells whether a file has been touched since: to be compared with a second reading.
  private(set) var signature: [UInt8] = []

  private let digests: FileDigests
  private var links: [FileDigests.Identity: [UInt8]] = [:]

  init(_ digests: FileDigests) {
    self.digests = digests
  }

  /// The deepest tree that is read, as elsewhere: what a path of PATH_MAX bytes can name.
  private static let maximumDepth = 2048

  /// Adds what was read elsewhere.
  mutating func add(_ ingredients: [CacheIngredient]) { items += ingredients }

  // MARK: COPY and ADD

  /// Reads all that a COPY or ADD copies.
  mutating func read(_ copy: CopyOperation, from source: SourceTree) throws(BuildProblem.Kind) {
    let sources = CopySources(operation: copy, source: source)
    for (index, item) in try sources.items().enumerated() {
      switch item {
      case .document(let name, let content):
        items.append(CacheIngredient(.document, name, content))
      case .nothing(let folder):
        items.append(
          CacheIngredient(.instruction, "source \(index + 1)".utf8, Array("nothing of \(folder)".utf8)))
      case .object(let object):
        // Where the object goes depends on its name, and with --parents on its path.
        let name = copy.keepsParents ? object.written.bytes : object.name
        var frames = ByteFrames()
        frames.append("\(index) \(object.pivot ?? -1) \(object.status.isDirectory)".utf8)
        frames.append(object.status.isDirectory && !copy.keepsParents ? [] : name)
        items.append(CacheIngredient(.instruction, "source \(index + 1)".utf8, frames.bytes))
        if copy.keepsParents { try readParents(of: object, source, copy) }
        if !object.status.isDirectory, copy.excluded.excludes(BytePath(object.name)) { continue }
        links = [:]
        try read(object.path, below: BytePath(), shown: object.written, depth: 0, source: sources)
      }
    }
  }

  /// With `--parents` the folders above come along.
  private mutating func readParents(
    of object: CopySources.Object, _ source: SourceTree, _ copy: CopyOperation
  ) throws(BuildProblem.Kind) {
    let components = object.written.components
    var path = BytePath()
    for (index, component) in components.dropLast().enumerated() {
      path = path.joining(component)
      guard index >= object.pivot ?? 0 else { continue }
      let folder = try onFiles { () throws(FileError) in try source.find(path) }
      guard let folder else { continue }
      let (status, _) = source.owners?.applying(to: folder.status, [], at: folder.path) ?? (folder.status, [])
      var frames = ByteFrames()
      frames.append("folder \(status.permissions)".utf8)
      frames.append(Self.owner(status, source, copy))
      items.append(CacheIngredient(.file, path.bytes, frames.bytes))
    }
  }

  private static func owner(_ status: FileStatus, _ source: SourceTree, _ copy: CopyOperation) -> [UInt8] {
    if copy.owner != nil || source.isContext { return [] }
    return Array("\(status.owner.uid):\(status.owner.gid)".utf8)
  }

  private mutating func read(
    _ path: BytePath, below relative: BytePath, shown: BytePath, depth: Int, source: CopySources
  ) throws(BuildProblem.Kind) {
    let tree = source.source
    let status = try onFiles { () throws(FileError) in try tree.root.directory.status(path) }
    let isIncluded = try onFiles { () throws(FileError) in
      try source.isIncluded(path, below: relative, status)
    }
    guard isIncluded else { return }
    // Of a folder whose content is copied the destination gets the time alone.
    let isBare = relative.isEmpty && status.isDirectory && !source.operation.keepsParents
    try add(path, status, shown: shown.joining(relative), tree) { status in
      if isBare { return (0, []) }
      let permissions =
        status.type == .symbolicLink
        ? status.permissions
        : source.operation.mode?.applied(to: status.permissions, isDirectory: status.isDirectory)
          ?? status.permissions
      return (permissions, Self.owner(status, tree, source.operation))
    }
    guard status.isDirectory else { return }
    guard depth < Self.maximumDepth else { throw .file(FileError(.list, path, 36)) }
    let names = try onFiles { () throws(FileError) in try tree.root.directory.list(path) }
    for item in names {
      try read(
        path.joining(item.name), below: relative.joining(item.name), shown: shown, depth: depth + 1,
        source: source)
    }
  }

  // MARK: Mounts

  /// Reads all that a command sees of a tree that is mounted.
  mutating func read(
    mounted path: BytePath, of tree: SourceTree, depth: Int = 0
  ) throws(BuildProblem.Kind) {
    let status = try onFiles { () throws(FileError) in try tree.root.directory.status(path) }
    let isIncluded = try onFiles { () throws(FileError) in
      try tree.includes(path, isDirectory: status.isDirectory)
    }
    guard isIncluded else { return }
    try add(path, status, shown: path, tree) { status in
      (status.permissions, tree.isContext ? [] : Array("\(status.owner.uid):\(status.owner.gid)".utf8))
    }
    guard status.isDirectory else { return }
    guard depth < Self.maximumDepth else { throw .file(FileError(.list, path, 36)) }
    let names = try onFiles { () throws(FileError) in try tree.root.directory.list(path) }
    for item in names { try read(mounted: path.joining(item.name), of: tree, depth: depth + 1) }
  }

  // MARK: Objects

  private mutating func add(
    _ path: BytePath, _ found: FileStatus, shown: BytePath, _ tree: SourceTree,
    _ metadata: (FileStatus) -> (permissions: UInt32, owner: [UInt8])
  ) throws(BuildProblem.Kind) {
    let directory = tree.root
    var attributes = try onFiles { () throws(FileError) in
      try directory.directory.attributes(path, type: found.type, .capabilities)
    }
    var status = found
    if let owners = tree.owners { (status, attributes) = owners.applying(to: found, attributes, at: path) }
    // Sockets are left out.
    guard status.type != .socket else { return }
    let identity = FileDigests.Identity(found)
    signature += identity.bytes
    let (permissions, owner) = metadata(status)
    var frames = ByteFrames()
    frames.append([status.type.rawValue])
    frames.append("\(permissions)".utf8)
    frames.append(owner)
    for attribute in attributes {
      frames.append(attribute.name)
      frames.append(attribute.value)
    }
    var link: [UInt8] = []
    if found.linkCount > 1, !found.isDirectory {
      if let first = links[identity] { link = first } else { links[identity] = shown.bytes }
    }
    frames.append(link)
    switch status.type {
    case .regular:
      let digest = try onFiles { () throws(FileError) in
        try digests.digest(of: path, found, in: directory.directory)
      }
      frames.append(digest)
    case .symbolicLink:
      let target = try onFiles { () throws(FileError) in try directory.directory.readLink(path) }
      frames.append(target.bytes)
    case .characterDevice, .blockDevice: frames.append("\(status.rdev)".utf8)
    case .directory, .fifo, .socket: break
    }
    items.append(CacheIngredient(.file, shown.bytes, frames.bytes))
  }
}
