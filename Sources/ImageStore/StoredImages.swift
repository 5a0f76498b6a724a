package import OCIModel

/// One entry of the store's `index.json`.
package struct StoredImage: Hashable, Sendable {
  /// nil for an image that lost its name or never had one.
  package let name: ImageReference?
  /// Manifest or index, without the annotations that carry the name.
  package let descriptor: Descriptor
}

// MARK: Names

extension OCILayoutStore {
  /// Every image, sorted by name, then by digest; those without a name come last. What refers to one is none.
  package func images() throws(StoreError) -> [StoredImage] {
    try readIndex().manifests.filter { Referrer(entry: $0) == nil }.map { descriptor in
      StoredImage(name: descriptor.storedName, descriptor: descriptor.withoutName)
    }
  }

  /// Gives the image a name. If another one had it, that one stays without, like docker's `<none>`.
  package func tag(_ name: ImageReference, _ descriptor: Descriptor) throws(StoreError) {
    try add(descriptor, names: [name])
  }

  /// Lists the image under each name, or, with no name, under its digest alone. Its blobs must be
  /// in the store.
  package func add(_ descriptor: Descriptor, names: [ImageReference]) throws(StoreError) {
    try changeIndex { index in index.add(descriptor.withoutName, names: names) }
  }

  /// Takes a name away. The blobs stay until they are collected.
  /// - Returns: the image that had it; nil if there was none.
  package func untag(_ name: ImageReference) throws(StoreError) -> Descriptor? {
    var removed: Descriptor?
    try changeIndex { index in
      index.manifests.removeAll { descriptor in
        guard descriptor.storedName == name.tagged else { return false }
        removed = descriptor.withoutName
        return true
      }
    }
    return removed
  }

  /// Takes an image out of the list, with all its names.
  /// - Returns: the names; nil if there was no such image.
  package func remove(_ digest: Digest) throws(StoreError) -> [ImageReference]? {
    var removed: [ImageReference]?
    try changeIndex { index in
      let entries = index.manifests.filter { $0.digest == digest }
      guard !entries.isEmpty else { return }
      removed = entries.compactMap(\.storedName)
      index.manifests.removeAll { $0.digest == digest }
    }
    return removed
  }

  package func readIndex() throws(StoreError) -> ImageIndex {
    guard let file = try root.openIfPresent(Self.indexName) else { throw .notALayout(path: root.path) }
    let content = try file.readAll(limit: JSONReader.manifestLimit)
    do throws(DocumentError) {
      return try ImageIndex(decoding: content)
    } catch {
      throw .document(name: Self.indexName, error)
    }
  }

  /// Reads, changes and replaces `index.json` while nobody else can.
  func changeIndex(_ change: (inout ImageIndex) -> Void) throws(StoreError) {
    let lock = try Lock.wait(Session.storeLockName, in: root)
    defer { lock.release() }
    let old = try readIndex()
    var new = old
    change(&new)
    new.sortByName()
    guard new != old else { return }
    let content = new.encoded()
    guard content.count <= JSONReader.manifestLimit else {
      throw .tooLarge(what: Self.indexName, limit: Int64(JSONReader.manifestLimit))
    }
    try root.replace(Self.indexName, with: content, through: ".index.json", mode: 0o644)
  }
}

extension ImageIndex {
  /// Lists `descriptor` under `names`. An image that loses its only name is kept without.
  mutating func add(_ descriptor: Descriptor, names: [ImageReference]) {
    var displaced: [Descriptor] = []
    for name in names.map(\.tagged) {
      displaced += manifests.filter { $0.storedName == name }
      manifests.removeAll { $0.storedName == name }
      manifests.append(descriptor.named(name))
    }
    displaced.append(descriptor)
    for image in displaced
    where !manifests.contains(where: { $0.digest == image.digest && $0.storedName != nil }) {
      if !manifests.contains(where: { $0.digest == image.digest }) { manifests.append(image.withoutName) }
    }
    // A name makes the nameless mention of the same image superfluous.
    let named = Set(manifests.filter { $0.storedName != nil }.map(\.digest))
    manifests.removeAll { $0.storedName == nil && named.contains($0.digest) }
  }

  mutating func sortByName() {
    func key(_ descriptor: Descriptor) -> (Int, String, String) {
      let name = descriptor.storedName
      return (name == nil ? 1 : 0, name?.fullName ?? "", descriptor.digest.hex)
    }
    manifests.sort { key($0) < key($1) }
  }
}

extension Descriptor {
  /// The name in the annotations: containerd's full one, or a full one where the tag should be.
  var storedName: ImageReference? {
    for key in [AnnotationKey.containerdImageName, AnnotationKey.referenceName] {
      guard let text = annotations[key] else { continue }
      // The tag alone, as the specification wants it, is no name.
      if key == AnnotationKey.referenceName && !text.contains(where: { $0 == "/" || $0 == ":" }) { continue }
      if let name = try? ImageReference(parsing: text), name.digest == nil { return name }
    }
    return nil
  }

  func named(_ name: ImageReference) -> Descriptor {
    var result = withoutName
    result.annotations[AnnotationKey.containerdImageName] = name.fullName
    result.annotations[AnnotationKey.referenceName] = name.tag
    return result
  }

  var withoutName: Descriptor {
    var result = self
    result.annotations[AnnotationKey.containerdImageName] = nil
    result.annotations[AnnotationKey.referenceName] = nil
    return result
  }
}
