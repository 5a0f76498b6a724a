package import ImageStore
package import OCIModel

/// Steps of the build cache in a registry: as an artifact of their own, or in an image that was built with them.
///
/// The artifact is a manifest whose configuration has the records of the steps (``CacheRecords``), and whose layers are
/// theirs.
package struct RegistryCache: CacheSource {
  private let repository: Repository
  private let steps: [Digest: CachedStep]

  /// An index is looked into so far.
  private static let mostManifests = 64

  /// Reads what a reference has of steps; their layers come when they are wanted.
  ///
  /// - Returns: nil if there is no such thing yet.
  package init?(_ client: RegistryClient, _ reference: ImageReference) throws(RegistryError) {
    repository = client.repository(reference)
    let (root, content): (Descriptor, [UInt8])
    do throws(RegistryError) {
      (root, content) = try repository.manifest(reference.digest?.description ?? reference.tag ?? "latest")
    } catch .notFound {
      return nil
    }
    var steps: [Digest: CachedStep] = [:]
    for step in try Self.steps(root, content, repository) { steps[step.key] = step }
    self.steps = steps
  }

  private static func steps(
    _ descriptor: Descriptor, _ content: [UInt8], _ repository: Repository
  ) throws(RegistryError) -> [CachedStep] {
    do throws(DocumentError) {
      guard descriptor.mediaType.isIndex else {
        return try steps(of: ImageManifest(decoding: content), repository)
      }
      let children = try ImageIndex(decoding: content).manifests
      var result: [CachedStep] = []
      for child in children.prefix(mostManifests) where child.mediaType.isManifest && !child.isAttestation {
        let manifest = Self.manifest(child, repository)
        if let manifest { result += try steps(of: ImageManifest(decoding: manifest), repository) }
      }
      return result
    } catch {
      throw .document(name: descriptor.digest.description, error)
    }
  }

  /// A manifest of an index; one that cannot be had has no steps.
  private static func manifest(_ child: Descriptor, _ repository: Repository) -> [UInt8]? {
    try? repository.manifest(child.digest.description).content
  }

  private static func steps(
    of manifest: ImageManifest, _ repository: Repository
  ) throws(DocumentError) -> [CachedStep] {
    if manifest.config.mediaType == CacheRecords.mediaType {
      guard let content = try? repository.read(manifest.config, limit: CacheRecords.limit) else { return [] }
      return CacheRecords.decode(content)
    }
    guard let text = manifest.annotations[CacheRecords.annotation] else { return [] }
    // Only what is there can be fetched.
    let layers = Set(manifest.layers.map(\.digest))
    return CacheRecords.decode(Array(text.utf8)).filter { layers.contains($0.layer.digest) }
  }

  /// How many steps there are.
  package var count: Int { steps.count }

  /// Takes over a step with its layer, which has to be what its digest and its diff id say. A layer that cannot be fetched
  /// is as good as none: the step is then executed.
  package func bring(_ key: Digest, into store: OCILayoutStore) throws(StoreError) -> CachedStep? {
    guard let step = steps[key] else { return nil }
    if try !store.isIntact(step.layer) {
      do throws(RegistryError) {
        try repository.fetch(step.layer, into: store) { _ in true }
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

  // MARK: Writing

  /// Puts steps with their layers into a registry; what the reference stood for before is replaced. Steps that are not in
  /// the store any more are passed over.
  package static func export(
    _ keys: [Digest], of store: OCILayoutStore, _ client: RegistryClient, to reference: ImageReference,
    observer: @escaping @Sendable (TransferEvent) -> Void
  ) throws(RegistryError) {
    let found = try onStore { () throws(StoreError) in try store.knownSteps(keys) }
    var layers: [Descriptor] = []
    for step in found where !layers.contains(where: { $0.digest == step.layer.digest }) {
      layers.append(step.layer)
    }
    let config = CacheRecords.encode(found)
    let manifest = ImageManifest(
      config: Descriptor(of: config, mediaType: CacheRecords.mediaType), layers: layers,
      artifactType: CacheRecords.mediaType.rawValue)
    let repository = client.repository(reference)
    let access = repository.access(isPushing: true)
    try inParallel(layers, threads: transferThreads) { layer, stop throws(RegistryError) in
      if stop.isStopped { throw .cancelled }
      let outcome = try repository.upload(
        layer, .file(store.path(of: layer.digest)), source: nil, access: access
      ) { observer(.progress(layer, $0)) }
      if case .present = outcome { observer(.present(layer)) } else { observer(.finished(layer)) }
    }
    _ = try repository.upload(manifest.config, .bytes(config), source: nil, access: access) { _ in }
    let content = manifest.encoded()
    try repository.putManifest(
      content, Descriptor(of: content, mediaType: .ociManifest), as: reference.tagged.tag ?? "latest")
  }
}
