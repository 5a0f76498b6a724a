package import OCIModel

// Manifests that refer to another one by their `subject` (OCI image-spec 1.1, manifest.md): signatures, attestations, lists of parts.
// As in other tools' layouts, `index.json` lists them without a name. Ours say in an annotation what they refer to, so that nobody has to
// read them to know: they are no images, stay as long as their subject does, and go with it.

/// A manifest that refers to another one.
package struct Referrer: Hashable, Sendable {
  /// The manifest or index that it is about.
  package let subject: Digest
  /// The manifest itself, with its type as an artifact and its annotations.
  package let descriptor: Descriptor

  package init(subject: Digest, descriptor: Descriptor) {
    self.subject = subject
    self.descriptor = descriptor
  }

  /// Reads what a manifest refers to; nil if that is nothing, or if it is an image itself.
  ///
  /// - Parameter descriptor: of the manifest, or of an index.
  package init?(_ descriptor: Descriptor, content: [UInt8]) throws(DocumentError) {
    var result = descriptor.bare
    if descriptor.mediaType.isIndex {
      let index = try ImageIndex(decoding: content)
      guard let subject = index.subject, index.artifactType != nil else { return nil }
      (result.artifactType, result.annotations) = (index.artifactType, index.annotations)
      self.init(subject: subject.digest, descriptor: result)
    } else {
      let manifest = try ImageManifest(decoding: content)
      let isImage = manifest.artifactType == nil && manifest.config.mediaType.isImageConfig
      guard let subject = manifest.subject, !isImage else { return nil }
      // As a registry lists it (OCI distribution-spec 1.1, "Listing Referrers").
      result.artifactType = manifest.artifactType ?? manifest.config.mediaType.rawValue
      result.annotations = manifest.annotations
      self.init(subject: subject.digest, descriptor: result)
    }
  }

  /// An entry of the store's list; nil for an image.
  init?(entry: Descriptor) {
    guard let text = entry.annotations[AnnotationKey.subject], let subject = try? Digest(parsing: text) else {
      return nil
    }
    var descriptor = entry
    descriptor.annotations[AnnotationKey.subject] = nil
    self.init(subject: subject, descriptor: descriptor)
  }

  /// As an entry of the store's list.
  var entry: Descriptor {
    // Names are for images; an annotation of the artifact must not give it one.
    var entry = descriptor.withoutName
    entry.annotations[AnnotationKey.subject] = subject.description
    return entry
  }
}

extension OCILayoutStore {
  /// Lists manifests as referring to others. Their blobs must be in the store.
  package func add(_ referrers: [Referrer]) throws(StoreError) {
    if referrers.isEmpty { return }
    try changeIndex { index in
      for referrer in referrers {
        index.manifests.removeAll { $0.digest == referrer.descriptor.digest && Referrer(entry: $0) != nil }
        index.manifests.append(referrer.entry)
      }
    }
  }

  /// All that refers to some manifests, and what refers to that, in the order of digests.
  package func referrers(to subjects: some Sequence<Digest>) throws(StoreError) -> [Referrer] {
    Referrer.closure(of: subjects, in: try readIndex().manifests.compactMap(Referrer.init(entry:)))
  }

  /// All that refers to an image, to one of the platforms of it that are here, or to what refers to these.
  package func referrers(toAllOf image: Descriptor) throws(StoreError) -> [Referrer] {
    try referrers(to: imageBlobs(of: image))
  }

  /// Takes those out of the list whose subject is gone.
  func removeLonelyReferrers() throws(StoreError) {
    let reachable = try imageBlobs()
    guard try readIndex().manifests.contains(where: { Self.isLonely($0, reachable) }) else { return }
    try changeIndex { index in index.manifests.removeAll { Self.isLonely($0, reachable) } }
  }

  private static func isLonely(_ entry: Descriptor, _ reachable: Set<Digest>) -> Bool {
    Referrer(entry: entry).map { !reachable.contains($0.subject) } ?? false
  }
}

extension ImageIndex {
  /// Lists what refers to an image, as other tools do: without a name, and without a word of ours.
  mutating func add(_ referrers: [Referrer]) {
    for referrer in referrers where !manifests.contains(where: { $0.digest == referrer.descriptor.digest }) {
      manifests.append(referrer.descriptor.withoutName)
    }
  }
}

extension Referrer {
  /// Those of some that refer to the subjects, and those that refer to these, in the order of digests.
  static func closure(of subjects: some Sequence<Digest>, in all: [Referrer]) -> [Referrer] {
    var known = Set(subjects)
    var rest = all
    var found: [Referrer] = []
    while true {
      let next = rest.filter { known.contains($0.subject) }
      if next.isEmpty { return found.sorted { $0.descriptor.digest < $1.descriptor.digest } }
      rest.removeAll { known.contains($0.subject) }
      found += next
      known.formUnion(next.map(\.descriptor.digest))
    }
  }
}
