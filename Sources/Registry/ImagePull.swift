package import ImageStore
package import OCIModel

/// What a transfer tells while it goes on. Any thread may tell it.
package enum TransferEvent: Sendable {
  /// A blob is on its way; its bytes so far.
  case progress(Descriptor, Int64)
  /// A blob has arrived.
  case finished(Descriptor)
  /// A blob was there already.
  case present(Descriptor)
  /// The registry has the blob in another of its repositories.
  case mounted(Descriptor, from: String)
  /// A manifest or index has arrived under a tag or digest.
  case manifest(Descriptor, String)
  /// A mirror has not given the image, and somebody else is asked.
  case passedOver(host: String, RegistryError)
}

/// How many blobs are on their way at once.
let transferThreads = 4

/// Brings images from registries into the store.
package struct ImagePull: Sendable {
  /// Which images of an index.
  package enum Platforms: Sendable {
    /// The best for a platform; nil is this machine's, or the only one there is.
    case one(Platform?)
    case all
  }

  private let client: RegistryClient
  private let store: OCILayoutStore
  private let withReferrers: Bool
  private let observer: @Sendable (TransferEvent) -> Void

  /// - Parameter withReferrers: whether what refers to an image comes with it: signatures, attestations and the like.
  package init(
    _ client: RegistryClient, store: OCILayoutStore, withReferrers: Bool = false,
    observer: @escaping @Sendable (TransferEvent) -> Void
  ) {
    self.client = client
    self.store = store
    self.withReferrers = withReferrers
    self.observer = observer
  }

  /// What is pulled at the most of one image.
  private static let mostManifests = 500

  /// Brings an image in, and lists it under its name once everything is there and verified.
  ///
  /// - Parameter name: with a digest, that is what counts, and the image gets no name.
  /// - Returns: the manifest, or index, that the name stands for.
  package func pull(_ name: ImageReference, _ platforms: Platforms) throws(RegistryError) -> Descriptor {
    let result = try fetch(name, platforms)
    let store = store
    try onStore { () throws(StoreError) in
      try store.add(result, names: name.digest == nil ? [name.tagged] : [])
    }
    return result
  }

  /// The same without listing the image: nothing collects it as long as the store is open, and nothing shows it.
  package func fetch(_ name: ImageReference, _ platforms: Platforms) throws(RegistryError) -> Descriptor {
    try onStore { () throws(StoreError) in try store.beginWork() }
    let observer = observer
    return try client.asking(name, passedOver: { observer(.passedOver(host: $0, $1)) }) {
      repository throws(RegistryError) in
      try fetch(name, platforms, from: repository)
    }
  }

  private func fetch(
    _ name: ImageReference, _ platforms: Platforms, from repository: Repository
  ) throws(RegistryError) -> Descriptor {
    let (root, content) = try repository.manifest(name.digest?.description ?? name.tag ?? "latest")
    try keep(content, root)
    observer(.manifest(root, name.digest?.description ?? name.tag ?? "latest"))
    var images: [ImageDocuments] = []
    try collect(root, content, platforms, repository, depth: 0, into: &images)
    var blobs: [Descriptor] = []
    for image in images {
      for blob in [image.manifest.config] + image.manifest.layers
      where !blobs.contains(where: { $0.digest == blob.digest }) {
        blobs.append(blob.bare)
      }
    }
    try fetch(blobs, repository)
    // What is not an image of this machine's kind is stored all the same; what is no image at all is not listed.
    for image in images where image.isImage {
      try onStore { () throws(StoreError) in _ = try store.image(of: image.descriptor) }
    }
    if withReferrers {
      let subjects = [root.digest] + images.map(\.descriptor.digest)
      let referrers = try fetchReferrers(to: Set(subjects).sorted(), repository)
      try onStore { () throws(StoreError) in try store.add(referrers) }
    }
    var listed = root
    if images.count == 1, root.mediaType.isManifest, images[0].isImage {
      listed.platform = try onStore { () throws(StoreError) in try store.image(of: root).config.platform }
    }
    return listed
  }

  /// A manifest of an image, or of something that goes with one.
  private struct ImageDocuments {
    var descriptor: Descriptor
    var manifest: ImageManifest
    var isImage: Bool
  }

  private func collect(
    _ descriptor: Descriptor, _ content: [UInt8], _ platforms: Platforms, _ repository: Repository,
    depth: Int,
    into images: inout [ImageDocuments]
  ) throws(RegistryError) {
    guard images.count < Self.mostManifests else {
      throw .store(.tooMany(what: "manifests of one image", limit: Self.mostManifests))
    }
    if descriptor.mediaType.isManifest {
      let manifest = try read(descriptor) { () throws(DocumentError) in try ImageManifest(decoding: content) }
      let isImage = !descriptor.isAttestation && manifest.config.mediaType.isImageConfig
      if !isImage, depth == 0 { throw .store(.notAnImage(manifest.config.mediaType)) }
      if isImage, case .one(let wanted?) = platforms {
        // Before the layers: a configuration is small.
        try fetch([manifest.config.bare], repository)
        let image = try onStore { () throws(StoreError) in try store.image(of: descriptor) }
        let actual = image.config.platform
        guard wanted.accepted.contains(where: { $0.isSame(as: actual) }) else {
          throw .store(.noSuchPlatform(wanted: wanted, available: [actual]))
        }
      }
      images.append(ImageDocuments(descriptor: descriptor, manifest: manifest, isImage: isImage))
      return
    }
    guard depth < 4 else { throw .store(.tooMany(what: "nested indexes", limit: 4)) }
    let index = try read(descriptor) { () throws(DocumentError) in try ImageIndex(decoding: content) }
    for child in try choose(index, platforms) {
      guard child.size <= JSONReader.manifestLimit else {
        throw .tooLarge(what: child.digest.description, limit: Int64(JSONReader.manifestLimit))
      }
      let (found, content) = try manifest(child, repository)
      var known = child
      known.mediaType = found.mediaType
      try collect(known, content, platforms, repository, depth: depth + 1, into: &images)
    }
  }

  /// A manifest that an index lists: from the store if it is there.
  private func manifest(
    _ child: Descriptor, _ repository: Repository
  ) throws(RegistryError) -> (Descriptor, [UInt8]) {
    let isHere = try onStore { () throws(StoreError) in try store.isIntact(child) }
    if isHere {
      return (
        child, try onStore { () throws(StoreError) in try store.read(child, limit: JSONReader.manifestLimit) }
      )
    }
    let (found, content) = try repository.manifest(child.digest.description)
    guard Int64(content.count) == child.size else {
      throw .wrongSize(child.digest, expected: child.size, actual: Int64(content.count))
    }
    try keep(content, found)
    observer(.manifest(found, child.digest.description))
    return (found, content)
  }

  private func choose(_ index: ImageIndex, _ platforms: Platforms) throws(RegistryError) -> [Descriptor] {
    let listed = index.manifests.filter { $0.mediaType.isManifest || $0.mediaType.isIndex }
    guard case .one(let platform) = platforms else { return listed }
    let images = listed.filter { !$0.isAttestation }
    let wanted = platform ?? .host
    for accepted in wanted.accepted {
      if let match = images.first(where: { $0.platform?.isSame(as: accepted) ?? false }) { return [match] }
    }
    // One that does not say what it is for can be looked at; of several, none is the best.
    if images.count == 1, platform == nil || images[0].platform == nil { return images }
    let available = Set(images.compactMap(\.platform?.normalized)).sorted { $0.description < $1.description }
    throw .store(.noSuchPlatform(wanted: wanted, available: available))
  }

  // MARK: Referrers

  /// Brings in what refers to some manifests, and what refers to that.
  private func fetchReferrers(
    to subjects: [Digest], _ repository: Repository
  ) throws(RegistryError) -> [Referrer] {
    var found: [Referrer] = []
    var seen = Set(subjects)
    var next = subjects
    while let subject = next.popLast() {
      for tag in Referrer.tags(of: subject) {
        guard let (descriptor, content) = try tagged(tag, repository) else { continue }
        guard seen.count < Self.mostManifests else {
          throw .store(.tooMany(what: "manifests of one image", limit: Self.mostManifests))
        }
        try bring(descriptor, content, repository)
        found.append(Referrer(subject: subject, descriptor: descriptor, tag: tag))
        if seen.insert(descriptor.digest).inserted { next.append(descriptor.digest) }
      }
      for listed in try repository.referrers(to: subject)
      where (listed.mediaType.isManifest || listed.mediaType.isIndex) && seen.insert(listed.digest).inserted {
        guard seen.count <= Self.mostManifests else {
          throw .store(.tooMany(what: "manifests of one image", limit: Self.mostManifests))
        }
        let (descriptor, content) = try manifest(listed, repository)
        let referrer = try read(descriptor) { () throws(DocumentError) in
          try Referrer(descriptor, content: content)
        }
        // A list may say what it likes; a manifest says itself what it refers to.
        guard let referrer, referrer.subject == subject else { continue }
        try bring(descriptor, content, repository)
        found.append(referrer)
        next.append(descriptor.digest)
      }
    }
    return found
  }

  /// What a tag stands for that says itself what that refers to; nil if there is no such tag, or no manifest under it.
  private func tagged(
    _ tag: String, _ repository: Repository
  ) throws(RegistryError) -> (descriptor: Descriptor, content: [UInt8])? {
    let found: (descriptor: Descriptor, content: [UInt8])
    do throws(RegistryError) {
      found = try repository.manifest(tag)
    } catch .notFound {
      return nil
    }
    guard found.descriptor.mediaType.isManifest else { return nil }
    try keep(found.content, found.descriptor)
    observer(.manifest(found.descriptor, tag))
    return found
  }

  /// Brings in all that a document lists, whatever that is.
  private func bring(
    _ document: Descriptor, _ content: [UInt8], _ repository: Repository
  ) throws(RegistryError) {
    var parts: [ImageDocuments] = []
    try collect(document, content, .all, repository, depth: 1, into: &parts)
    var blobs: [Descriptor] = []
    for blob in parts.flatMap({ [$0.manifest.config] + $0.manifest.layers })
    where !blobs.contains(where: { $0.digest == blob.digest }) {
      blobs.append(blob.bare)
    }
    try fetch(blobs, repository)
  }

  // MARK: Blobs

  private func fetch(_ blobs: [Descriptor], _ repository: Repository) throws(RegistryError) {
    let (store, observer) = (store, observer)
    try inParallel(blobs, threads: transferThreads) { blob, stop throws(RegistryError) in
      if try onStore({ () throws(StoreError) in try store.isIntact(blob) }) {
        observer(.present(blob))
        return
      }
      observer(.progress(blob, 0))
      try repository.fetch(blob, into: store) { size in
        observer(.progress(blob, size))
        return !stop.isStopped
      }
      try onStore { () throws(StoreError) in store.knowIntact(blob.digest) }
      observer(.finished(blob))
    }
  }

  private func keep(_ content: [UInt8], _ descriptor: Descriptor) throws(RegistryError) {
    try onStore { () throws(StoreError) in _ = try store.put(content, mediaType: descriptor.mediaType) }
  }

  private func read<Document>(
    _ descriptor: Descriptor, _ body: () throws(DocumentError) -> Document
  ) throws(RegistryError) -> Document {
    do throws(DocumentError) {
      return try body()
    } catch {
      throw .document(name: descriptor.digest.description, error)
    }
  }
}

func onStore<Result>(_ body: () throws(StoreError) -> Result) throws(RegistryError) -> Result {
  do throws(StoreError) {
    return try body()
  } catch {
    throw .store(error)
  }
}
