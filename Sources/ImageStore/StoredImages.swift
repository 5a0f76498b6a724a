package import OCIModel

/// One entry of the store's `index.json`.
package struct StoredImage: Hashable, Sendable {
  /// nil for an image that lost its name or never had one.
  package let name: ImageReference?
  /// What another tool calls it in the layout, where that is no full name: a tag alone, for instance.
  package let label: String?
  /// Manifest or index, without the annotations that carry the name.
  package let descriptor: Descriptor
}

// MARK: Names

extension OCILayoutStore {
  /// Every image, sorted by name, then by label, then by digest; those without come last. What refers to one is none.
  package func images() throws(StoreError) -> [StoredImage] {
    var index = try readIndex()
    index.sortByName()
    return index.manifests.filter { Referrer(entry: $0) == nil }.map { descriptor in
      StoredImage(name: descriptor.storedName, label: descriptor.label, descriptor: descriptor.withoutName)
    }
  }

  /// Gives the image a name. If another one had it, that one stays without, like docker's `<none>`.
  package func tag(_ name: ImageReference, _ descriptor: Descriptor) throws(StoreError) {
    try add(descriptor, names: [name])
  }

  /// Lists the image under each name, or, with no name, under its digest alone. Its blobs must be
  /// in the store.
  package func add(_ descriptor: Descriptor, names: [ImageReference]) throws(StoreError) {
    try changeIndex { index in index.add(descriptor.withoutName, names: names, .full) }
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

  /// Takes away what another tool calls an image.
  package func untag(label: String) throws(StoreError) {
    try changeIndex { index in
      index.manifests.removeAll { $0.label == label && Referrer(entry: $0) == nil }
    }
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
      var index = try ImageIndex(decoding: content, keepingUnread: true)
      index.settleNames()
      return index
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
    new.writeNamesInFull()
    new.sortByName()
    guard new != old else { return }
    let content = new.encoded()
    guard content.count <= JSONReader.manifestLimit else {
      throw .tooLarge(what: Self.indexName, limit: Int64(JSONReader.manifestLimit))
    }
    try root.replace(Self.indexName, with: content, through: ".index.json", mode: 0o644)
  }
}

/// What the annotation `org.opencontainers.image.ref.name` of an image with a name says.
enum ReferenceStyle {
  /// The tag alone, as docker and BuildKit write it where a layout has one image.
  case tag
  /// The whole name as docker shows it: in a folder with many images a tag alone would stand for several of them. A name that no
  /// layout can have, of a registry `[::1]` for instance, is its tag all the same.
  case full

  func text(_ name: ImageReference) -> String? {
    self == .full && Self.isReference(name.familiarName) ? name.familiarName : name.tag
  }

  /// Whether other tools take a text for a reference (OCI image-spec, annotations.md, "org.opencontainers.image.ref.name"): letters and
  /// digits, with one of `-._:@+` or `--` between them, and parts like that with slashes between.
  private static func isReference(_ text: String) -> Bool {
    text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
      var gap: [UInt8] = [0]
      for byte in part {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          guard gap.count < 2 || gap == Array("--".utf8) else { return false }
          gap = []
        default:
          // Nothing stands before the first letter but what it starts with here.
          guard gap != [0], "-._:@+".utf8.contains(byte) else { return false }
          gap.append(byte)
        }
      }
      return gap.isEmpty
    }
  }
}

extension ImageIndex {
  /// Lists `descriptor` under `names`. An image that loses its only name is kept without.
  mutating func add(_ descriptor: Descriptor, names: [ImageReference], _ style: ReferenceStyle) {
    var displaced: [Descriptor] = []
    for name in names.map(\.tagged) {
      displaced += manifests.filter { $0.storedName == name }
      manifests.removeAll { $0.storedName == name }
      manifests.append(descriptor.named(name, style))
    }
    displaced.append(descriptor)
    for image in displaced
    where !manifests.contains(where: { $0.digest == image.digest && $0.storedName != nil }) {
      if !manifests.contains(where: { $0.digest == image.digest }) { manifests.append(image.withoutName) }
    }
    removeSuperfluous()
  }

  /// Lists `descriptor` under what a user calls it in this layout, and nothing else; another image that is called so is kept without a
  /// name.
  ///
  /// - Parameter label: a name as docker writes it, or a word such as a tag.
  mutating func add(_ descriptor: Descriptor, label: String) {
    var named = descriptor.withoutName
    if label.contains(where: { $0 == "/" || $0 == ":" }), let name = try? ImageReference(parsing: label) {
      named = named.named(name.tagged, .tag)
    }
    named.annotations[AnnotationKey.referenceName] = label
    for (index, entry) in manifests.enumerated() where Referrer(entry: entry) == nil {
      let isSame = entry.annotations[AnnotationKey.referenceName] == label
      let hasName = named.storedName != nil && entry.storedName == named.storedName
      if isSame || hasName { manifests[index] = entry.withoutName }
    }
    manifests.append(named)
    removeSuperfluous()
  }

  /// A name makes the nameless mention of the same image superfluous. What another tool calls it is no such mention.
  private mutating func removeSuperfluous() {
    func isNamed(_ entry: Descriptor) -> Bool { entry.storedName != nil || entry.label != nil }
    var known = Set(manifests.filter { isNamed($0) && Referrer(entry: $0) == nil }.map(\.digest))
    manifests.removeAll { entry in
      guard !isNamed(entry), Referrer(entry: entry) == nil else { return false }
      return !known.insert(entry.digest).inserted
    }
  }

  /// Of entries with one name, the last one has it: another tool has put it there since the list was sorted.
  mutating func settleNames() {
    var seen: Set<ImageReference> = []
    var isSettled = true
    for index in manifests.indices.reversed() {
      guard let name = manifests[index].storedName, !seen.insert(name).inserted else { continue }
      manifests[index] = manifests[index].withoutName
      isSettled = false
    }
    if !isSettled { removeSuperfluous() }
  }

  /// Names that were listed by their tags alone.
  mutating func writeNamesInFull() {
    for (index, entry) in manifests.enumerated() {
      guard entry.annotations[AnnotationKey.containerdImageName] != nil, let name = entry.storedName,
        entry.annotations[AnnotationKey.referenceName] == name.tag
      else { continue }
      manifests[index].annotations[AnnotationKey.referenceName] = ReferenceStyle.full.text(name)
    }
  }

  mutating func sortByName() {
    func key(_ descriptor: Descriptor) -> (Int, String, String) {
      if let name = descriptor.storedName { return (0, name.fullName, descriptor.digest.hex) }
      guard Referrer(entry: descriptor) == nil, let label = descriptor.label else {
        return (2, "", descriptor.digest.hex)
      }
      return (1, label, descriptor.digest.hex)
    }
    manifests.sort { key($0) < key($1) }
  }
}

extension Descriptor {
  /// The name in the annotations: containerd's full one, or a full one where the tag should be.
  var storedName: ImageReference? {
    func name(_ text: String?) -> ImageReference? {
      text.flatMap { try? ImageReference(parsing: $0) }.flatMap { $0.digest == nil ? $0.tagged : nil }
    }
    let reference = annotations[AnnotationKey.referenceName]
    if let full = name(annotations[AnnotationKey.containerdImageName]) {
      guard let reference else { return full }
      if [full.tag, full.familiarName, full.fullName].contains(reference) { return full }
      // A tool that knows the reference alone has given it to the image, or to one that it has made of this.
    }
    // The tag alone, as the specification wants it, is no name.
    guard let reference, reference.contains(where: { $0 == "/" || $0 == ":" }) else { return nil }
    return name(reference)
  }

  /// What another tool calls the entry, where that is no full name.
  var label: String? {
    guard storedName == nil, let text = annotations[AnnotationKey.referenceName], !text.isEmpty else {
      return nil
    }
    return text
  }

  func named(_ name: ImageReference, _ style: ReferenceStyle) -> Descriptor {
    var result = withoutName
    result.annotations[AnnotationKey.containerdImageName] = name.fullName
    result.annotations[AnnotationKey.referenceName] = style.text(name)
    return result
  }

  var withoutName: Descriptor {
    var result = self
    result.annotations[AnnotationKey.containerdImageName] = nil
    result.annotations[AnnotationKey.referenceName] = nil
    return result
  }
}
