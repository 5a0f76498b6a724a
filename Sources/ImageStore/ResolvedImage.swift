package import OCIModel

/// One image of one platform, as the store holds it; everything here is verified.
package struct ResolvedImage: Hashable, Sendable {
  /// What was asked for: the manifest, or the index that lists it.
  package let root: Descriptor
  /// The manifest of the image.
  package let descriptor: Descriptor
  package let manifest: ImageManifest
  package let config: ImageConfig
}

extension OCILayoutStore {
  /// Finds an image by its name, or by its digest if the reference has one: then the content is
  /// what matters, and the name does not have to be known here.
  ///
  /// - Parameter platform: nil takes this machine's, or the only one there is.
  package func resolve(_ name: ImageReference, platform: Platform?) throws(StoreError) -> ResolvedImage {
    guard let descriptor = try descriptor(of: name) else { throw .noSuchImage(name) }
    return try resolve(descriptor, platform: platform)
  }

  /// The manifest or index that a reference names; nil if the store has none.
  package func descriptor(of name: ImageReference) throws(StoreError) -> Descriptor? {
    try descriptor(of: name, in: readIndex())
  }

  /// The same in an index that has been read before, for those who look up many names.
  package func descriptor(of name: ImageReference, in index: ImageIndex) throws(StoreError) -> Descriptor? {
    let entries = index.manifests
    guard let digest = name.digest else {
      return entries.first { $0.storedName == name }?.withoutName
    }
    if let entry = entries.first(where: { $0.digest == digest }) { return entry.withoutName }
    for entry in entries where entry.mediaType.isIndex {
      if let child = try find(digest, in: entry, depth: 0) { return child }
    }
    return nil
  }

  /// What an index, or one in it, lists under a digest. One that is not here, or damaged, hides nothing of the others.
  private func find(_ digest: Digest, in index: Descriptor, depth: Int) throws(StoreError) -> Descriptor? {
    let children: [Descriptor]
    do throws(StoreError) {
      children = try readIndexBlob(index).manifests
    } catch {
      if case .system = error { throw error }
      return nil
    }
    if let child = children.first(where: { $0.digest == digest }) { return child }
    guard depth + 1 < Self.indexDepthLimit else { return nil }
    for child in children where child.mediaType.isIndex {
      if let found = try find(digest, in: child, depth: depth + 1) { return found }
    }
    return nil
  }

  /// Goes from an index to the manifest for the platform, and reads manifest and configuration.
  package func resolve(_ root: Descriptor, platform: Platform?) throws(StoreError) -> ResolvedImage {
    let candidates = try manifests(under: root, depth: 0)
    if root.mediaType.isIndex, candidates.isEmpty, try isOfOtherThings(root) {
      throw .notAnImage(root.mediaType)
    }
    let wanted = platform ?? .host
    for accepted in wanted.accepted {
      if let match = candidates.first(where: { $0.platform.isSame(as: accepted) }) {
        return try resolveManifest(match.descriptor, root: root)
      }
    }
    if platform == nil, candidates.count == 1 {
      return try resolveManifest(candidates[0].descriptor, root: root)
    }
    let available = Set(candidates.map(\.platform.normalized)).sorted { $0.description < $1.description }
    throw .noSuchPlatform(wanted: wanted, available: available)
  }

  /// Whether something is here of what an index lists, which is then no image.
  private func isOfOtherThings(_ index: Descriptor) throws(StoreError) -> Bool {
    for child in try readIndexBlob(index).manifests where !child.isAttestation {
      if try contains(child.digest) { return true }
    }
    return false
  }

  private func manifests(
    under root: Descriptor, depth: Int
  ) throws(StoreError) -> [(platform: Platform, descriptor: Descriptor)] {
    guard depth < Self.indexDepthLimit else {
      throw .tooMany(what: "nested indexes", limit: Self.indexDepthLimit)
    }
    if root.mediaType.isManifest {
      if let platform = root.platform, !platform.architecture.isEmpty { return [(platform, root)] }
      return [(try resolveManifest(root, root: root).config.platform, root)]
    }
    guard root.mediaType.isIndex else { throw .notAnImage(root.mediaType) }
    var result: [(Platform, Descriptor)] = []
    for child in try readIndexBlob(root).manifests where !child.isAttestation {
      // Of an image for many platforms, the others need not be here.
      guard try contains(child.digest) else { continue }
      guard child.mediaType.isManifest || child.mediaType.isIndex else { continue }
      do throws(StoreError) {
        result += try manifests(under: child, depth: depth + 1)
      } catch .notAnImage {
        // A chart or the like beside the images.
      } catch .unsupportedLayer where child.platform == nil {
        // So is a manifest of other things that has borrowed an image's configuration.
      }
    }
    return result
  }

  /// The image of one manifest, whatever it is for.
  package func image(of manifest: Descriptor) throws(StoreError) -> ResolvedImage {
    try resolveManifest(manifest, root: manifest)
  }

  /// Looks whether an image's layers are there, in the sizes that they should have. Their content is not read.
  package func requireLayers(of image: ResolvedImage) throws(StoreError) {
    for layer in image.manifest.layers {
      guard let size = try size(of: layer.digest) else { throw .missingBlob(layer.digest) }
      guard size == layer.size else { throw .sizeMismatch(layer.digest, expected: layer.size, actual: size) }
    }
  }

  /// Reads a blob to its end.
  /// - Throws: what is wrong with it.
  package func verify(_ descriptor: Descriptor) throws(StoreError) {
    var reader = try open(descriptor)
    try reader.verify()
  }

  static var indexDepthLimit: Int { 4 }

  func resolveManifest(_ descriptor: Descriptor, root: Descriptor) throws(StoreError) -> ResolvedImage {
    let manifest = try readManifest(descriptor)
    guard manifest.config.mediaType.isImageConfig else { throw .notAnImage(manifest.config.mediaType) }
    let content = try read(manifest.config, limit: JSONReader.configLimit)
    let config: ImageConfig
    do throws(DocumentError) {
      config = try ImageConfig(decoding: content)
    } catch {
      throw .document(name: manifest.config.digest.description, error)
    }
    guard config.diffIDs.count == manifest.layers.count else {
      throw .layerCountMismatch(
        descriptor.digest, layers: manifest.layers.count, diffIDs: config.diffIDs.count)
    }
    for layer in manifest.layers where !layer.mediaType.isLayer {
      throw .unsupportedLayer(layer.mediaType.rawValue)
    }
    return ResolvedImage(root: root, descriptor: descriptor, manifest: manifest, config: config)
  }

  /// A manifest, verified.
  package func readManifest(_ descriptor: Descriptor) throws(StoreError) -> ImageManifest {
    let content = try read(descriptor, limit: JSONReader.manifestLimit)
    do throws(DocumentError) {
      return try ImageManifest(decoding: content)
    } catch {
      throw .document(name: descriptor.digest.description, error)
    }
  }

  /// An index, verified.
  package func readIndexBlob(_ descriptor: Descriptor) throws(StoreError) -> ImageIndex {
    let content = try read(descriptor, limit: JSONReader.manifestLimit)
    do throws(DocumentError) {
      return try ImageIndex(decoding: content)
    } catch {
      throw .document(name: descriptor.digest.description, error)
    }
  }
}

extension Descriptor {
  /// A manifest that says something about another one, and is no image.
  package var isAttestation: Bool {
    annotations[AnnotationKey.dockerReferenceType] != nil
      || (platform?.os == "unknown" && platform?.architecture == "unknown")
  }
}

extension Platform {
  /// The same system, architecture and variant, however they are spelt. Where the other one has a version of the system,
  /// the first three numbers of it have to be the same as well: they are what a program of Windows runs on.
  package func isSame(as other: Platform) -> Bool {
    let (left, right) = (normalized, other.normalized)
    guard left.os == right.os, left.architecture == right.architecture, left.variant == right.variant else {
      return false
    }
    func release(_ version: String?) -> [Substring] {
      (version ?? "").split(separator: ".").prefix(3).map(\.self)
    }
    return right.osVersion == nil || release(left.osVersion) == release(right.osVersion)
  }
}
