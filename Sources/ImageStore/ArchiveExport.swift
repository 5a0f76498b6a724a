import Glibc
package import OCIModel

/// Writes one image out of the store, as an OCI image layout that also carries docker's
/// `manifest.json`: `skopeo`, `podman`, `umoci` and both kinds of `docker load` take the same file.
///
/// The bytes depend on the image and its names only: fixed order, time 0, owner 0.
package struct ArchiveExport {
  private let store: OCILayoutStore
  private let index: ImageIndex
  private let dockerImages: [DockerArchiveImage]
  /// Each blob once, sorted by digest.
  private let blobs: [Descriptor]
  private let image: Descriptor
  private let names: [ImageReference]
  /// What the image is called in a layout, in place of its names.
  private let label: String?
  /// What refers to the image and goes with it.
  private let referrers: [Referrer]

  /// - Parameters:
  ///   - image: the manifest, or an index; of an index, the platforms that the store holds.
  ///   - names: one entry in `index.json` each; without any, one entry that has no name.
  ///   - label: what the image is called in `index.json` in place of the names, to the letter: a name as docker writes it, or a word such
  ///     as a tag, which is no name in docker's `manifest.json`.
  ///   - withReferrers: whether what refers to the image goes with it.
  package init(
    store: OCILayoutStore, image: Descriptor, names: [ImageReference], label: String? = nil,
    withReferrers: Bool = false
  ) throws(StoreError) {
    self.store = store
    var image = image.withoutName
    var blobs: [Digest: Descriptor] = [:]
    try Self.collect(image, store: store, depth: 0, into: &blobs)
    referrers = withReferrers ? try store.referrers(to: blobs.keys) : []
    for referrer in referrers {
      try Self.collect(referrer.descriptor, store: store, depth: 0, into: &blobs)
    }
    self.blobs = blobs.values.sorted { $0.digest < $1.digest }

    let names = Set(names.map(\.tagged)).sorted { $0.fullName < $1.fullName }
    let resolved: ResolvedImage?
    do throws(StoreError) {
      resolved = try store.resolve(image, platform: nil)
    } catch .noSuchPlatform {
      // Several platforms and none of them this machine's: docker's manifest.json has no word for it.
      resolved = nil
    }
    dockerImages =
      resolved.map { resolved in
        [
          DockerArchiveImage(
            config: Self.memberName(resolved.manifest.config), repoTags: names.map(\.familiarName),
            layers: resolved.manifest.layers.map(Self.memberName))
        ]
      } ?? []
    if image.mediaType.isManifest, let resolved { image.platform = resolved.config.platform }
    self.image = image
    self.names = names
    self.label = label
    var index = ImageIndex(manifests: [])
    index.add(image, names: names, label: label, referrers)
    self.index = index
  }

  private static func memberName(_ descriptor: Descriptor) -> String {
    "blobs/sha256/\(descriptor.digest.hex)"
  }

  private static func collect(
    _ descriptor: Descriptor, store: OCILayoutStore, depth: Int, into blobs: inout [Digest: Descriptor]
  ) throws(StoreError) {
    guard depth < OCILayoutStore.indexDepthLimit else {
      throw .tooMany(what: "nested indexes", limit: OCILayoutStore.indexDepthLimit)
    }
    blobs[descriptor.digest] = descriptor
    if descriptor.mediaType.isIndex {
      for child in try store.readIndexBlob(descriptor).manifests where try store.contains(child.digest) {
        try collect(child, store: store, depth: depth + 1, into: &blobs)
      }
    } else if descriptor.mediaType.isManifest {
      let manifest = try store.readManifest(descriptor)
      for blob in [manifest.config] + manifest.layers { blobs[blob.digest] = blob }
    } else {
      throw .notAnImage(descriptor.mediaType)
    }
  }

  // MARK: Tar

  /// Writes the tar to `path`, whole or not at all; `-` is standard output. What is there already
  /// is replaced; a device or pipe is written to.
  package func writeTar(to path: [UInt8]) throws(StoreError) {
    try writeWhole(to: path) { descriptor throws(StoreError) in
      try writeTar(descriptor: descriptor, path: path)
    }
  }

  /// Writes the tar to an open file or pipe that stays the caller's.
  package func writeTar(descriptor: CInt, path: [UInt8]) throws(StoreError) {
    var archive = try ArchiveWriter.open(descriptor: descriptor, path: path)
    try archive.addFile(OCILayoutStore.layoutName, content: OCILayoutStore.layoutContent)
    try archive.addFile(OCILayoutStore.indexName, content: index.encoded())
    if !dockerImages.isEmpty {
      try archive.addFile("manifest.json", content: DockerArchiveImage.encode(dockerImages))
    }
    try archive.addFolder("blobs/")
    try archive.addFolder("blobs/sha256/")
    var buffer = [UInt8](repeating: 0, count: ioBufferSize)
    for blob in blobs {
      try archive.addFile(Self.memberName(blob), size: blob.size)
      var reader = try store.open(blob)
      while true {
        let count = try reader.read(into: &buffer)
        if count == 0 { break }
        try archive.write(buffer[..<count])
      }
    }
    try archive.finish()
  }

  // MARK: Folder

  /// Writes the layout as a folder. One that is a layout already keeps its other images; any other
  /// folder has to be empty. `index.json` comes last, so that a reader sees the image when it is whole.
  package func writeFolder(to path: [UInt8]) throws(StoreError) {
    let folder = try Folder.create(path: path, mode: 0o755)
    var index = ImageIndex(manifests: [])
    if let layout = try folder.openIfPresent(OCILayoutStore.layoutName) {
      try OCILayoutStore.checkLayout(layout.readAll(limit: JSONReader.manifestLimit))
      if let file = try folder.openIfPresent(OCILayoutStore.indexName) {
        index = try Self.decode(file.readAll(limit: JSONReader.manifestLimit))
      }
    } else {
      guard try folder.names().isEmpty else { throw .destinationInTheWay(path: path) }
      try folder.writeAtomically(OCILayoutStore.layoutName) { file throws(StoreError) in
        try file.write(OCILayoutStore.layoutContent)
      }
    }
    try folder.makeFolder("blobs", mode: 0o755)
    let parent = try folder.folder("blobs")
    try parent.makeFolder("sha256", mode: 0o755)
    let target = try parent.folder("sha256")
    for folder in [folder, target] { try folder.sweepUnfinished() }
    var buffer = [UInt8](repeating: 0, count: ioBufferSize)
    for blob in blobs {
      try target.writeAtomically(blob.digest.hex) { file throws(StoreError) in
        var reader = try store.open(blob)
        while true {
          let count = try reader.read(into: &buffer)
          if count == 0 { break }
          try file.write(buffer.span.extracting(0..<count))
        }
      }
    }
    index.add(image, names: names, label: label, referrers)
    try folder.writeAtomically(OCILayoutStore.indexName) { file throws(StoreError) in
      try file.write(index.encoded())
    }
  }

  private static func decode(_ content: [UInt8]) throws(StoreError) -> ImageIndex {
    do throws(DocumentError) {
      return try ImageIndex(decoding: content, keepingUnread: true)
    } catch {
      throw .document(name: OCILayoutStore.indexName, error)
    }
  }
}

extension ImageIndex {
  /// Lists an image with what refers to it.
  fileprivate mutating func add(
    _ image: Descriptor, names: [ImageReference], label: String?, _ referrers: [Referrer]
  ) {
    if let label { add(image, label: label) } else { add(image, names: names, .tag) }
    add(referrers)
    sortByName()
  }
}

/// Writes a file, whole or not at all; `-` is standard output. What is there already is replaced; a device or pipe is
/// written to.
///
/// - Parameter write: gets an open file or pipe, which stays the caller's.
package func writeWhole(
  to path: [UInt8], _ write: (CInt) throws(StoreError) -> Void
) throws(StoreError) {
  if path == Array("-".utf8) { return try write(1) }
  var status = stat()
  let exists = unsafe withCPath(path) { unsafe stat($0, &status) } == 0
  if exists, status.st_mode & S_IFMT != Glibc.S_IFREG {
    let descriptor = unsafe withCPath(path) { unsafe open($0, O_WRONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw .system(SystemFailure(operation: "open", path: path, code: errno)) }
    let file = OpenFile(descriptor: descriptor, path: path)
    return try write(file.descriptor)
  }
  let (folder, name) = try splitPath(path)
  try folder.sweepUnfinished()
  try folder.writeAtomically(name) { file throws(StoreError) in try write(file.descriptor) }
}

private func splitPath(_ path: [UInt8]) throws(StoreError) -> (Folder, String) {
  let slash = path.lastIndex(of: UInt8(ascii: "/"))
  let parent = slash.map { $0 == 0 ? Array(path[...0]) : Array(path[..<$0]) } ?? Array(".".utf8)
  let bytes = slash.map { path[($0 + 1)...] } ?? path[...]
  guard let name = String(validating: bytes, as: UTF8.self), !name.isEmpty else {
    throw .system(SystemFailure(operation: "open", path: path, code: EINVAL))
  }
  return (try Folder.open(path: parent), name)
}

extension Folder {
  /// Writes a file beside its place and moves it there when it is complete. It gets the mode that
  /// the umask leaves of 0666.
  func writeAtomically(
    _ name: String, _ write: (borrowing OpenFile) throws(StoreError) -> Void
  ) throws(StoreError) {
    var attempt = 0
    while true {
      let temporary = "\(Self.unfinishedPrefix)\(getpid())-\(attempt)"
      let file: OpenFile
      do throws(StoreError) {
        file = try create(temporary, mode: 0o666)
      } catch .system(let failure) where failure.code == EEXIST && attempt < 10_000 {
        attempt += 1
        continue
      }
      // Held until the file is closed; tells `sweepUnfinished` that somebody is at work. Where locks
      // are not supported, the process id alone has to tell.
      _ = flock(file.descriptor, LOCK_EX | LOCK_NB)
      do throws(StoreError) {
        try write(file)
        try file.sync()
        try rename(temporary, to: self, name)
      } catch {
        // The first failure is the one to tell.
        _ = unsafe withCPath(temporary) { unsafe unlinkat(descriptor, $0, 0) }
        throw error
      }
      return try sync()
    }
  }

  private static var unfinishedPrefix: String { ".slipway-" }

  /// Removes the files that `writeAtomically` left here when its process was killed: our own, of a
  /// process that is gone, and locked by nobody.
  func sweepUnfinished() throws(StoreError) {
    for name in try names() where name.hasPrefix(Self.unfinishedPrefix) {
      let digits = name.dropFirst(Self.unfinishedPrefix.count).prefix { $0 != "-" }
      guard let pid = pid_t(digits), pid > 0, kill(pid, 0) != 0, errno == ESRCH else { continue }
      do throws(StoreError) {
        guard let file = try openIfPresent(name) else { continue }
        guard try file.status().st_uid == geteuid(), flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else {
          continue
        }
        try remove(name)
      } catch .system(let failure) where [EACCES, EPERM].contains(failure.code) {
        // Somebody else's file.
        continue
      }
    }
  }
}
