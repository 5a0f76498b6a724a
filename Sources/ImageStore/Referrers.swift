package import OCIModel

// Manifests that refer to another one by their `subject` (OCI image-spec 1.1, manifest.md): signatures, attestations, lists of parts.
// As in other tools' layouts, `index.json` lists them without a name. Ours say in an annotation what they refer to, so that nobody has to
// read them to know: they are no images, stay as long as their subject does, and go with it.
//
// Those that cosign has written since before there was a `subject` have none. The tag that they stand under says what they refer to, and
// in a layout, where their entry has it as its name, does so too.

/// A manifest that refers to another one.
package struct Referrer: Hashable, Sendable {
  /// The manifest or index that it is about.
  package let subject: Digest
  /// The manifest itself, with its type as an artifact and its annotations.
  package let descriptor: Descriptor
  /// The tag that says what it refers to; nil if it says so itself.
  package let tag: String?

  package init(subject: Digest, descriptor: Descriptor, tag: String? = nil) {
    self.subject = subject
    self.descriptor = descriptor
    self.tag = tag
  }

  /// The tags that stand for a signature, an attestation and a list of parts of a manifest, as cosign makes them: `sha256-<hex>.sig`.
  package static func tags(of subject: Digest) -> [String] {
    ["sig", "att", "sbom"].map { "sha256-\(subject.hex).\($0)" }
  }

  /// What a tag of that kind says that it is about; nil for any other text.
  static func subject(ofTag tag: String) -> Digest? {
    guard tag.hasPrefix("sha256-"), let dot = tag.firstIndex(of: "."),
      let subject = try? Digest(hex: tag[..<dot].dropFirst(7)), tags(of: subject).contains(tag)
    else { return nil }
    return subject
  }

  /// A manifest that an entry of another tool's layout lists under such a tag; nil for any other entry.
  init?(tagged entry: Descriptor) {
    guard let tag = entry.annotations[AnnotationKey.referenceName], let subject = Self.subject(ofTag: tag),
      entry.mediaType.isManifest
    else { return nil }
    self.init(subject: subject, descriptor: entry.withoutName, tag: tag)
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

  /// The same of a manifest or index in a store.
  init?(reading descriptor: Descriptor, in store: OCILayoutStore) throws(StoreError) {
    let content = try store.read(descriptor, limit: JSONReader.manifestLimit)
    do throws(DocumentError) {
      try self.init(descriptor, content: content)
    } catch {
      throw .document(name: descriptor.digest.description, error)
    }
  }

  /// As layouts list it, and `slipway inspect` shows it: without a name, but for the tag that says what it refers to.
  package var listed: Descriptor {
    // Names are for images; an annotation of the artifact must not give it one.
    var entry = descriptor.withoutName
    entry.annotations[AnnotationKey.referenceName] = tag
    return entry
  }

  /// An entry of the store's list; nil for an image.
  init?(entry: Descriptor) {
    guard let text = entry.annotations[AnnotationKey.subject], let subject = try? Digest(parsing: text) else {
      return nil
    }
    let tag = entry.annotations[AnnotationKey.referenceName]
    var descriptor = entry.withoutName
    descriptor.annotations[AnnotationKey.subject] = nil
    self.init(
      subject: subject, descriptor: descriptor, tag: tag.flatMap(Self.subject(ofTag:)) == subject ? tag : nil)
  }

  /// As an entry of the store's list.
  var entry: Descriptor {
    var entry = listed
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
        index.manifests.removeAll {
          $0.digest == referrer.descriptor.digest && Referrer(entry: $0)?.subject == referrer.subject
        }
        index.manifests.append(referrer.entry)
      }
    }
  }

  /// All that refers to some manifests, and what refers to that, in the order of digests.
  package func referrers(to subjects: some Sequence<Digest>) throws(StoreError) -> [Referrer] {
    var all: [Referrer] = []
    for entry in try readIndex().manifests {
      if let referrer = try referrer(entry) { all.append(referrer) }
    }
    return Referrer.closure(of: subjects, in: all)
  }

  /// What an entry of the list refers to: as it says, or, if another tool has put it there, as its tag or the manifest itself does. nil
  /// for an image, and for what is damaged, which `verify` tells.
  private func referrer(_ entry: Descriptor) throws(StoreError) -> Referrer? {
    if let known = Referrer(entry: entry) ?? Referrer(tagged: entry) { return known }
    // What has a platform or a name of ours is an image.
    guard entry.storedName == nil, entry.platform == nil,
      entry.mediaType.isManifest || entry.mediaType.isIndex
    else { return nil }
    do throws(StoreError) {
      return try Referrer(reading: entry, in: self)
    } catch {
      if case .system = error { throw error }
      return nil
    }
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
  /// Lists what refers to an image, as other tools do: without a word of ours.
  mutating func add(_ referrers: [Referrer]) {
    for referrer in referrers {
      let entry = referrer.listed
      let reference = entry.annotations[AnnotationKey.referenceName]
      let isListed = manifests.contains {
        $0.digest == entry.digest && $0.annotations[AnnotationKey.referenceName] == reference
      }
      if !isListed { manifests.append(entry) }
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
      if next.isEmpty { return found.sorted() }
      rest.removeAll { known.contains($0.subject) }
      // Another tool may list what Slipway does.
      for referrer in next where !found.contains(where: { $0.isSame(as: referrer) }) {
        found.append(referrer)
      }
      known.formUnion(next.map(\.descriptor.digest))
    }
  }

  private func isSame(as other: Referrer) -> Bool {
    descriptor.digest == other.descriptor.digest && subject == other.subject
  }
}

extension Referrer: Comparable {
  package static func < (left: Referrer, right: Referrer) -> Bool {
    (left.descriptor.digest, left.subject) < (right.descriptor.digest, right.subject)
  }
}
