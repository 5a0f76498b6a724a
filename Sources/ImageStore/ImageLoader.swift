import Glibc
package import OCIModel

/// An image that was brought in from an archive.
package struct LoadedImage: Hashable, Sendable {
  /// Its manifest or index.
  package let descriptor: Descriptor
  /// Its names now, sorted; without any, it is in the store under its digest.
  package let names: [ImageReference]
  /// What the layout calls it, to the letter: full names, or tags alone as skopeo and umoci write them.
  package let labels: [String]
}

extension LoadedImage {
  /// Whether a name, tag or digest means the image; everything means one that is alone.
  package func answers(to name: String?) -> Bool {
    guard let name else { return true }
    if descriptor.digest.description == name { return true }
    if labels.contains(name) { return true }
    return names.contains { $0.tag == name || $0.familiarName == name || $0.fullName == name }
  }
}

extension OCILayoutStore {
  /// Brings in every image of an OCI layout (tar or folder) or a docker archive (tar), plain or
  /// compressed as a whole. Every digest is verified, of docker archives also every diff id.
  ///
  /// - Parameters:
  ///   - path: `-` is standard input.
  ///   - names: names that the image gets besides those in the archive; it must then be the only one.
  ///   - observer: told how far it has come.
  /// - Returns: the images, in the order of the archive.
  package func load(
    _ path: [UInt8], names: [ImageReference] = [], limits: LoadLimits = LoadLimits(),
    observer: @escaping LoadObserver = { _ in }
  ) throws(StoreError) -> [LoadedImage] {
    if path == Array("-".utf8) {
      return try load(descriptor: 0, path: path, names: names, limits: limits, observer: observer)
    }
    return try load(contents(of: path, limits: limits, observer: observer), names: names, limits: limits)
  }

  /// Brings in the blobs of every image, verified, without listing the images: nothing collects them as long as
  /// this store is open, and nothing shows them.
  /// - Parameter withReferrers: whether what refers to the images is listed as doing so.
  /// - Returns: the images with the names that the archive gives them, in its order.
  package func fetch(
    _ path: [UInt8], limits: LoadLimits = LoadLimits(), withReferrers: Bool = false,
    observer: @escaping LoadObserver = { _ in }
  ) throws(StoreError) -> [LoadedImage] {
    try beginWork()
    let loader = try ImageLoader(
      store: self, contents: contents(of: path, limits: limits, observer: observer), limits: limits)
    let loaded = try loader.load()
    if withReferrers { try add(loaded.referrers) }
    return loaded.images.map { image in
      LoadedImage(descriptor: image.descriptor.withoutName, names: image.names, labels: image.labels)
    }
  }

  private func contents(
    of path: [UInt8], limits: LoadLimits, observer: @escaping LoadObserver
  ) throws(StoreError) -> ArchiveContents {
    let descriptor = unsafe withCPath(path) { unsafe Glibc.open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw .system(SystemFailure(operation: "open", path: path, code: errno)) }
    let file = OpenFile(descriptor: descriptor, path: path)
    if try file.status().st_mode & S_IFMT == Glibc.S_IFDIR {
      return try ArchiveContents(folder: Folder.open(path: path), store: self, observer: observer)
    }
    return try ArchiveContents(
      tar: file.descriptor, path: path, store: self, limits: limits, observer: observer)
  }

  /// The same, from an open file or pipe that stays the caller's.
  package func load(
    descriptor: CInt, path: [UInt8], names: [ImageReference] = [], limits: LoadLimits = LoadLimits(),
    observer: @escaping LoadObserver = { _ in }
  ) throws(StoreError) -> [LoadedImage] {
    let contents = try ArchiveContents(
      tar: descriptor, path: path, store: self, limits: limits, observer: observer)
    return try load(contents, names: names, limits: limits)
  }

  private func load(
    _ contents: ArchiveContents, names: [ImageReference], limits: LoadLimits
  ) throws(StoreError) -> [LoadedImage] {
    let loader = ImageLoader(store: self, contents: contents, limits: limits)
    let contents = try loader.load()
    var images = contents.images
    if !names.isEmpty {
      guard images.count == 1 else { throw .severalImages(images.count) }
      images[0].names += names.map(\.tagged)
    }
    // Nothing gets a name before everything is there.
    var loaded: [LoadedImage] = []
    for image in images {
      let names = Set(image.names).sorted { $0.fullName < $1.fullName }
      try add(image.descriptor, names: names)
      loaded.append(
        LoadedImage(descriptor: image.descriptor.withoutName, names: names, labels: image.labels))
    }
    try add(contents.referrers)
    return loaded
  }
}

/// Takes the images out of one archive.
struct ImageLoader {
  let store: OCILayoutStore
  let contents: ArchiveContents
  let limits: LoadLimits

  /// An image whose blobs are in the store.
  struct Image {
    var descriptor: Descriptor
    var names: [ImageReference]
    var labels: [String] = []
  }

  /// What is in an archive.
  struct Loaded {
    var images: [Image] = []
    /// What refers to one of the images, or to what does.
    var referrers: [Referrer] = []
  }

  /// Both kinds of archive may be one: then the OCI layout is the image, and `manifest.json` may
  /// name it.
  func load() throws(StoreError) -> Loaded {
    let docker = try contents.read("manifest.json", limit: JSONReader.manifestLimit).map(decodeDocker)
    if let layout = try contents.read(OCILayoutStore.layoutName, limit: JSONReader.manifestLimit) {
      try OCILayoutStore.checkLayout(layout)
      guard let index = try contents.read(OCILayoutStore.indexName, limit: JSONReader.manifestLimit) else {
        throw .missingMember(OCILayoutStore.indexName)
      }
      return try loadLayout(decode(index), docker: docker ?? [])
    }
    guard let docker else { throw .notALayout(path: contents.path) }
    var loaded = Loaded()
    for image in docker { try merge(convert(image), into: &loaded.images) }
    return loaded
  }

  private func decodeDocker(_ content: [UInt8]) throws(StoreError) -> [DockerArchiveImage] {
    do throws(DocumentError) {
      return try DockerArchiveImage.decode(content)
    } catch {
      throw .document(name: "manifest.json", error)
    }
  }

  private func decode(_ index: [UInt8]) throws(StoreError) -> ImageIndex {
    do throws(DocumentError) {
      return try ImageIndex(decoding: index)
    } catch {
      throw .document(name: OCILayoutStore.indexName, error)
    }
  }

  /// One image may stand in the archive under several names.
  func merge(_ image: Image, into images: inout [Image]) {
    if let index = images.firstIndex(where: { $0.descriptor.digest == image.descriptor.digest }) {
      images[index].names += image.names
      images[index].labels += image.labels
    } else {
      images.append(image)
    }
  }

  func parse(_ name: String) throws(StoreError) -> ImageReference {
    do throws(ImageReferenceError) {
      return try ImageReference(parsing: name)
    } catch {
      throw .invalidName(name, error)
    }
  }

  // MARK: OCI layout

  private func loadLayout(_ index: ImageIndex, docker: [DockerArchiveImage]) throws(StoreError) -> Loaded {
    var loaded = Loaded()
    var referrers: [Referrer] = []
    var other: MediaType?
    for descriptor in index.manifests where !descriptor.isAttestation {
      let tagged = Referrer(tagged: descriptor)
      guard try loadTree(descriptor, depth: 0, isImage: tagged == nil) else {
        throw .missingMember(memberName(descriptor.digest))
      }
      let referrer = if let tagged { tagged } else { try Referrer(reading: descriptor, in: store) }
      if let referrer {
        referrers.append(referrer)
        continue
      }
      if descriptor.mediaType.isManifest {
        let type = try store.readManifest(descriptor).config.mediaType
        // A chart or the like beside an image is none of our business; alone, it is said what it is.
        guard type.isImageConfig else {
          other = type
          continue
        }
      }
      var image = Image(descriptor: descriptor.withoutName, names: descriptor.storedName.map { [$0] } ?? [])
      image.labels = [descriptor.annotations[AnnotationKey.referenceName]].compactMap(\.self)
      if image.names.isEmpty, descriptor.mediaType.isManifest {
        let config = memberName(try store.readManifest(descriptor).config.digest)
        for entry in docker where entry.config == config {
          for tag in entry.repoTags { try image.names.append(parse(tag)) }
        }
      }
      merge(image, into: &loaded.images)
    }
    if loaded.images.isEmpty, let other { throw .notAnImage(other) }
    var subjects: Set<Digest> = []
    for image in loaded.images { try subjects.formUnion(store.imageBlobs(of: image.descriptor)) }
    loaded.referrers = Referrer.closure(of: subjects, in: referrers)
    return loaded
  }

  private func memberName(_ digest: Digest) -> String { "blobs/sha256/\(digest.hex)" }

  /// Brings in a manifest or index and what it refers to.
  /// - Parameter isImage: whether a manifest with the configuration of an image has to be one.
  /// - Returns: false if the archive does not hold the document itself.
  private func loadTree(
    _ descriptor: Descriptor, depth: Int, isImage: Bool = true
  ) throws(StoreError) -> Bool {
    guard depth < OCILayoutStore.indexDepthLimit else {
      throw .tooMany(what: "nested indexes", limit: OCILayoutStore.indexDepthLimit)
    }
    guard descriptor.mediaType.isManifest || descriptor.mediaType.isIndex else {
      throw .notAnImage(descriptor.mediaType)
    }
    guard descriptor.size <= JSONReader.manifestLimit else {
      throw .tooLarge(what: descriptor.digest.description, limit: Int64(JSONReader.manifestLimit))
    }
    guard try loadBlob(descriptor) else { return false }
    if descriptor.mediaType.isManifest {
      let manifest = try store.readManifest(descriptor)
      for blob in [manifest.config] + manifest.layers where try !loadBlob(blob) {
        throw .missingMember(memberName(blob.digest))
      }
      // An image that nobody can use is refused here, and not by whoever tries to.
      if isImage, !descriptor.isAttestation, manifest.config.mediaType.isImageConfig {
        _ = try store.image(of: descriptor)
      }
      return true
    }
    let children = try store.readIndexBlob(descriptor).manifests
    var found = 0
    // An archive of an image for many platforms often holds the content of one only.
    for child in children where try loadTree(child, depth: depth + 1) { found += 1 }
    guard found > 0 || children.isEmpty else { throw .missingMember(memberName(children[0].digest)) }
    return true
  }

  private func loadBlob(_ descriptor: Descriptor) throws(StoreError) -> Bool {
    let expected = (digest: descriptor.digest, size: descriptor.size)
    return try contents.moveIntoStore(memberName(descriptor.digest), expecting: expected) != nil
  }
}
