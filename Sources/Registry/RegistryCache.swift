package import ImageStore
package import OCIModel

/// Steps of the build cache in a registry: as an artifact of their own, or in an image that was built with them.
///
/// The artifact is a manifest whose configuration has the records of the steps, and of cache mounts (``CacheRecords``),
/// and whose layers are theirs.
package struct RegistryCache: CacheSource {
  /// Where the records are: the registry, or a mirror of it.
  private let repository: Repository
  private let registry: Repository
  private let passedOver: @Sendable (String, RegistryError) -> Void
  private let steps: [Digest: CachedStep]
  private let carriedMounts: [CachedMount]

  /// What a manifest has.
  private struct Content {
    var steps: [CachedStep] = []
    var mounts: [CachedMount] = []
  }

  /// An index is looked into so far.
  private static let mostManifests = 64

  /// Reads what a reference has of steps; their layers come when they are wanted. Mirrors of the registry are asked first.
  ///
  /// - Parameter passedOver: told the host of a mirror that does not have them, or not all, and why.
  /// - Returns: nil if there is no such thing yet.
  package init?(
    _ client: RegistryClient, _ reference: ImageReference,
    passedOver: @escaping @Sendable (String, RegistryError) -> Void = { _, _ in }
  ) throws(RegistryError) {
    let known: (repository: Repository, content: Content)
    do throws(RegistryError) {
      known = try client.asking(reference, passedOver: passedOver) { repository throws(RegistryError) in
        let (root, content) = try repository.manifest(
          reference.digest?.description ?? reference.tag ?? "latest")
        return (repository, try Self.read(root, content, repository))
      }
    } catch .notFound {
      return nil
    }
    repository = known.repository
    registry = client.repository(reference)
    self.passedOver = passedOver
    let found = known.content
    var steps: [Digest: CachedStep] = [:]
    for step in found.steps { steps[step.key] = step }
    self.steps = steps
    var mounts: [Digest: CachedMount] = [:]
    for mount in found.mounts { mounts[mount.key] = mount }
    carriedMounts = mounts.values.sorted { left, right in
      left.id != right.id ? left.id.lexicographicallyPrecedes(right.id) : left.key < right.key
    }
  }

  private static func read(
    _ descriptor: Descriptor, _ content: [UInt8], _ repository: Repository
  ) throws(RegistryError) -> Content {
    func document<Document>(
      _ body: () throws(DocumentError) -> Document
    ) throws(RegistryError) -> Document {
      do throws(DocumentError) {
        return try body()
      } catch {
        throw .document(name: descriptor.digest.description, error)
      }
    }
    guard descriptor.mediaType.isIndex else {
      return try read(
        document { () throws(DocumentError) in try ImageManifest(decoding: content) }, repository)
    }
    let index = try document { () throws(DocumentError) in try ImageIndex(decoding: content) }
    var result = Content()
    for child in index.manifests.prefix(mostManifests)
    where child.mediaType.isManifest && !child.isAttestation {
      guard let manifest = Self.manifest(child, repository) else { continue }
      let found = try read(
        document { () throws(DocumentError) in try ImageManifest(decoding: manifest) }, repository)
      result.steps += found.steps
      result.mounts += found.mounts
    }
    return result
  }

  /// A manifest of an index; one that cannot be had has no steps.
  private static func manifest(_ child: Descriptor, _ repository: Repository) -> [UInt8]? {
    try? repository.manifest(child.digest.description).content
  }

  private static func read(
    _ manifest: ImageManifest, _ repository: Repository
  ) throws(RegistryError) -> Content {
    if manifest.config.mediaType == CacheRecords.mediaType {
      let content = try repository.read(manifest.config, limit: CacheRecords.limit)
      return Content(steps: CacheRecords.decode(content), mounts: CacheRecords.decodeMounts(content))
    }
    guard let text = manifest.annotations[CacheRecords.annotation] else { return Content() }
    // Only what is there can be fetched.
    let layers = Set(manifest.layers.map(\.digest))
    return Content(steps: CacheRecords.decode(Array(text.utf8)).filter { layers.contains($0.layer.digest) })
  }

  /// How many steps there are.
  package var count: Int { steps.count }

  /// Takes over a step with its layer, which has to be what its digest and its diff id say. A layer that cannot be fetched
  /// is as good as none: the step is then executed.
  package func bring(_ key: Digest, into store: OCILayoutStore) throws(StoreError) -> CachedStep? {
    guard let step = steps[key] else { return nil }
    if try !store.isIntact(step.layer) {
      do throws(RegistryError) {
        try fetch(step.layer, into: store)
      } catch {
        if case .store(let error) = error { throw error }
        return nil
      }
    }
    guard try store.isLayer(step.layer, diffID: step.diffID) else { return nil }
    store.knowIntact(step.layer.digest)
    try store.putCachedStep(step)
    return step
  }

  /// Brings in a blob from where the records are; what a mirror does not have, from its registry.
  private func fetch(_ blob: Descriptor, into store: OCILayoutStore) throws(RegistryError) {
    do throws(RegistryError) {
      try repository.fetch(blob, into: store) { _ in true }
    } catch {
      guard !repository.isSame(as: registry), error.isOfServer else { throw error }
      passedOver(repository.authority, error)
      try registry.fetch(blob, into: store) { _ in true }
    }
  }

  // MARK: Mounts

  package func mounts() throws(StoreError) -> [CachedMount] { carriedMounts }

  package func archive(
    of mount: CachedMount, scratch: OCILayoutStore
  ) throws(StoreError) -> OCILayoutStore? {
    do throws(RegistryError) {
      try fetch(mount.archive, into: scratch)
      return scratch
    } catch {
      if case .store(let error) = error { throw error }
      return nil
    }
  }

  // MARK: Writing

  /// Puts steps with their layers, and mounts with their archives, into a registry; what the reference stood for before is
  /// replaced. Steps that are not in the store any more are passed over.
  /// - Parameter archives: has the archives of the mounts; by default the store.
  package static func export(
    _ keys: [Digest], mounts: [CachedMount] = [], in archives: OCILayoutStore? = nil,
    of store: OCILayoutStore,
    _ client: RegistryClient, to reference: ImageReference,
    observer: @escaping @Sendable (TransferEvent) -> Void
  ) throws(RegistryError) {
    let found = try onStore { () throws(StoreError) in try store.knownSteps(keys) }
    var blobs: [(layer: Descriptor, path: [UInt8])] = []
    for (layer, owner) in found.map({ ($0.layer, store) }) + mounts.map({ ($0.archive, archives ?? store) })
    where !blobs.contains(where: { $0.layer.digest == layer.digest }) {
      blobs.append((layer, owner.path(of: layer.digest)))
    }
    let config = CacheRecords.encode(found, mounts: mounts)
    let manifest = ImageManifest(
      config: Descriptor(of: config, mediaType: CacheRecords.mediaType), layers: blobs.map(\.layer),
      artifactType: CacheRecords.mediaType.rawValue)
    let repository = client.repository(reference)
    let access = repository.access(isPushing: true)
    try inParallel(blobs, threads: transferThreads) { blob, stop throws(RegistryError) in
      if stop.isStopped { throw .cancelled }
      let layer = blob.layer
      let outcome = try repository.upload(
        layer, .file(blob.path), source: nil, access: access
      ) { observer(.progress(layer, $0)) }
      if case .present = outcome { observer(.present(layer)) } else { observer(.finished(layer)) }
    }
    _ = try repository.upload(manifest.config, .bytes(config), source: nil, access: access) { _ in }
    let content = manifest.encoded()
    try repository.putManifest(
      content, Descriptor(of: content, mediaType: .ociManifest), as: reference.tagged.tag ?? "latest")
  }
}
