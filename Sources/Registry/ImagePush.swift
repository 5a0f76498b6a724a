package import ImageStore
package import OCIModel

/// Puts images of the store into registries.
package struct ImagePush: Sendable {
  /// Which images of an index.
  package enum Platforms: Sendable {
    /// The index with all that it lists, if all of it is here; else the image for this machine.
    case available
    /// The index with all that it lists.
    case all
    /// One image, without its index.
    case one(Platform)
  }

  private let client: RegistryClient
  private let store: OCILayoutStore
  private let withReferrers: Bool
  private let observer: @Sendable (TransferEvent) -> Void

  /// - Parameter withReferrers: whether what the store has that refers to an image goes with it.
  package init(
    _ client: RegistryClient, store: OCILayoutStore, withReferrers: Bool = false,
    observer: @escaping @Sendable (TransferEvent) -> Void
  ) {
    self.client = client
    self.store = store
    self.withReferrers = withReferrers
    self.observer = observer
  }

  /// Puts an image under a name: first what it consists of, then the document that names that.
  ///
  /// - Returns: what the name stands for now.
  package func push(
    _ root: Descriptor, as name: ImageReference, _ platforms: Platforms = .available
  ) throws(RegistryError) -> Descriptor {
    let (store, observer) = (store, observer)
    try onStore { () throws(StoreError) in try store.beginWork() }
    let root = try choose(root.bare, platforms)
    var documents: [Descriptor] = []
    var blobs: [Descriptor] = []
    try collect(root, depth: 0, &documents, &blobs)
    let subjects = documents.map(\.digest)
    let referrers =
      withReferrers ? try onStore { () throws(StoreError) in try store.referrers(to: subjects) } : []
    for referrer in referrers { try collect(referrer.descriptor, depth: 0, &documents, &blobs) }
    let repository = client.repository(name)
    let sources = try sources(of: blobs, for: name)
    let access = repository.access(isPushing: true, sources: Array(Set(sources.values)).sorted())
    try inParallel(blobs, threads: transferThreads) { blob, stop throws(RegistryError) in
      if stop.isStopped { throw .cancelled }
      // What the registry would refuse in the end is not sent.
      let isWhole = try onStore { () throws(StoreError) in try store.isIntact(blob) }
      if !isWhole {
        try onStore { () throws(StoreError) in try store.verify(blob) }
        // Mended in the meantime, by another process.
      }
      let outcome = try repository.upload(
        blob, .file(store.path(of: blob.digest)), source: sources[blob.digest], access: access
      ) { size in observer(.progress(blob, size)) }
      switch outcome {
      case .present: observer(.present(blob))
      case .mounted(let source): observer(.mounted(blob, from: source))
      case .sent: observer(.finished(blob))
      }
    }
    let ofReferrers = Set(referrers.map(\.descriptor.digest))
    for document in documents where document.digest != root.digest && !ofReferrers.contains(document.digest) {
      try put(document, as: document.digest.description, repository)
    }
    // Before the tag: who sees the image sees what is said of it.
    for referrer in referrers {
      let content = try onStore { () throws(StoreError) in
        try store.read(referrer.descriptor, limit: JSONReader.manifestLimit)
      }
      try repository.putReferrer(content, referrer)
      observer(.manifest(referrer.descriptor, referrer.tag ?? referrer.descriptor.digest.description))
    }
    try put(root, as: name.tagged.tag ?? "latest", repository)
    return root
  }

  private func put(
    _ document: Descriptor, as reference: String, _ repository: Repository
  ) throws(RegistryError) {
    let content = try onStore { () throws(StoreError) in
      try store.read(document, limit: JSONReader.manifestLimit)
    }
    try repository.putManifest(content, document, as: reference)
    observer(.manifest(document, reference))
  }

  private func choose(_ root: Descriptor, _ platforms: Platforms) throws(RegistryError) -> Descriptor {
    guard root.mediaType.isIndex else {
      if case .one(let platform) = platforms {
        _ = try onStore { () throws(StoreError) in try store.resolve(root, platform: platform) }
      }
      return root
    }
    switch platforms {
    case .all: return root
    case .one(let platform):
      return try onStore { () throws(StoreError) in try store.resolve(root, platform: platform) }.descriptor
        .bare
    case .available:
      var (documents, blobs): ([Descriptor], [Descriptor]) = ([], [])
      do throws(RegistryError) {
        try collect(root, depth: 0, &documents, &blobs)
        return root
      } catch .incomplete {
        return try onStore { () throws(StoreError) in try store.resolve(root, platform: nil) }.descriptor.bare
      }
    }
  }

  /// The documents of an image, what they list before them, and the blobs, each once.
  private func collect(
    _ descriptor: Descriptor, depth: Int, _ documents: inout [Descriptor], _ blobs: inout [Descriptor]
  ) throws(RegistryError) {
    guard depth < 4 else { throw .store(.tooMany(what: "nested indexes", limit: 4)) }
    guard !documents.contains(where: { $0.digest == descriptor.digest }) else { return }
    try require(descriptor, descriptor.platform)
    if descriptor.mediaType.isIndex {
      let index = try onStore { () throws(StoreError) in try store.readIndexBlob(descriptor) }
      for child in index.manifests { try collect(child, depth: depth + 1, &documents, &blobs) }
    } else {
      guard descriptor.mediaType.isManifest else { throw .store(.notAnImage(descriptor.mediaType)) }
      let manifest = try onStore { () throws(StoreError) in try store.readManifest(descriptor) }
      for blob in manifest.layers + [manifest.config] {
        try require(blob, descriptor.platform)
        if !blobs.contains(where: { $0.digest == blob.digest }) { blobs.append(blob.bare) }
      }
    }
    documents.append(descriptor.bare)
  }

  private func require(_ descriptor: Descriptor, _ platform: Platform?) throws(RegistryError) {
    let isHere = try onStore { () throws(StoreError) in try store.contains(descriptor.digest) }
    guard isHere else { throw .incomplete(descriptor.digest, platform: platform) }
  }

  // MARK: Mounting

  /// Other repositories of the registry that have blobs, as the store's names tell: what was pulled from, or pushed to, one
  /// of them is there.
  private func sources(
    of blobs: [Descriptor], for name: ImageReference
  ) throws(RegistryError) -> [Digest: String] {
    let wanted = Set(blobs.map(\.digest))
    var result: [Digest: String] = [:]
    for image in try onStore({ () throws(StoreError) in try store.images() }) {
      guard let other = image.name, other.domain == name.domain, other.path != name.path else { continue }
      var (documents, blobs): ([Descriptor], [Descriptor]) = ([], [])
      // Of what is here in part, that part counts.
      try? collect(image.descriptor, depth: 0, &documents, &blobs)
      for blob in blobs where wanted.contains(blob.digest) && result[blob.digest] == nil {
        result[blob.digest] = other.path
      }
    }
    return result
  }
}
