package import JSONText

/// One image: its configuration and its layers, the base first (OCI image-spec, manifest.md;
/// docker's schema 2 is the same but for its media types).
package struct ImageManifest: Hashable, Sendable {
  package var mediaType: MediaType
  package var artifactType: String?
  package var config: Descriptor
  package var layers: [Descriptor]
  package var subject: Descriptor?
  package var annotations: StringMap

  package init(
    mediaType: MediaType = .ociManifest, config: Descriptor, layers: [Descriptor],
    annotations: StringMap = [:],
    artifactType: String? = nil, subject: Descriptor? = nil
  ) {
    self.mediaType = mediaType
    self.artifactType = artifactType
    self.config = config
    self.layers = layers
    self.subject = subject
    self.annotations = annotations
  }

  /// Reads a manifest of at most 4 MiB. A null for `layers` is taken as no layer: BuildKit writes it.
  package init(decoding bytes: [UInt8]) throws(DocumentError) {
    let reader = try ObjectReader(JSONReader.read(bytes, limit: JSONReader.manifestLimit))
    try checkSchemaVersion(reader)
    mediaType = MediaType(rawValue: try reader.string("mediaType") ?? MediaType.ociManifest.rawValue)
    guard mediaType.isManifest else { throw .invalidValue(path: "mediaType", value: mediaType.rawValue) }
    artifactType = try reader.string("artifactType")
    config = try Descriptor(reader.required("config", reader.object("config")))
    layers = []
    for layer in try reader.objects("layers") ?? [] { try layers.append(Descriptor(layer)) }
    subject = try reader.object("subject").map { reader throws(DocumentError) in try Descriptor(reader) }
    annotations = try reader.stringMap("annotations") ?? [:]
  }

  /// The document, compact, keys in the order of the specification; `layers` is always an array.
  package func encoded() -> [UInt8] {
    var writer = JSONWriter(escaping: .go)
    writer.object { writer in
      writer.member("schemaVersion", 2)
      writer.member("mediaType", mediaType.rawValue)
      writer.member("artifactType", ifPresent: artifactType)
      writer.member("config") { config.write(to: &$0) }
      writer.member("layers") { writer in
        writer.array(layers) { writer, layer in layer.write(to: &writer) }
      }
      if let subject { writer.member("subject") { subject.write(to: &$0) } }
      if !annotations.isEmpty { writer.member("annotations", annotations) }
    }
    return writer.bytes
  }
}

/// Manifests of one image for several platforms, or the images of a layout folder
/// (OCI image-spec, image-index.md; docker calls it a manifest list).
package struct ImageIndex: Hashable, Sendable {
  package var mediaType: MediaType
  package var artifactType: String?
  package var manifests: [Descriptor]
  package var subject: Descriptor?
  package var annotations: StringMap
  /// Entries that are not understood, as they stand; only what is read with `keepingUnread` has them.
  package var unread: [UnreadEntry] = []

  package init(mediaType: MediaType = .ociIndex, manifests: [Descriptor], annotations: StringMap = [:]) {
    self.mediaType = mediaType
    self.manifests = manifests
    self.annotations = annotations
  }

  /// Reads an index of at most 4 MiB.
  ///
  /// - Parameter keepingUnread: whether an entry that cannot be read, such as one with a digest of another algorithm, is kept as it
  ///   stands, and no error. It is what `index.json` of a folder needs that other tools write too.
  package init(decoding bytes: [UInt8], keepingUnread: Bool = false) throws(DocumentError) {
    let reader = try ObjectReader(JSONReader.read(bytes, limit: JSONReader.manifestLimit))
    try checkSchemaVersion(reader)
    mediaType = MediaType(rawValue: try reader.string("mediaType") ?? MediaType.ociIndex.rawValue)
    guard mediaType.isIndex else { throw .invalidValue(path: "mediaType", value: mediaType.rawValue) }
    artifactType = try reader.string("artifactType")
    manifests = []
    if keepingUnread {
      for entry in try reader.array("manifests") ?? [] {
        do throws(DocumentError) {
          try manifests.append(Descriptor(ObjectReader(entry)))
        } catch {
          unread.append(UnreadEntry(value: entry))
        }
      }
    } else {
      for manifest in try reader.objects("manifests") ?? [] { try manifests.append(Descriptor(manifest)) }
    }
    subject = try reader.object("subject").map { reader throws(DocumentError) in try Descriptor(reader) }
    annotations = try reader.stringMap("annotations") ?? [:]
  }

  /// The document, keys in the order of the specification; entries that are not understood come last.
  package func encoded(style: JSONWriter.Style = .compact) -> [UInt8] {
    var writer = JSONWriter(style: style, escaping: .go)
    writer.object { writer in
      writer.member("schemaVersion", 2)
      writer.member("mediaType", mediaType.rawValue)
      writer.member("artifactType", ifPresent: artifactType)
      writer.member("manifests") { writer in
        writer.array { writer in
          for manifest in manifests { manifest.write(to: &writer) }
          for entry in unread { writer.value(entry.value) }
        }
      }
      if let subject { writer.member("subject") { subject.write(to: &$0) } }
      if !annotations.isEmpty { writer.member("annotations", annotations) }
    }
    return writer.bytes
  }
}

/// Schema 1 lists its layers in another way; taking it for schema 2 would give an image without any.
private func checkSchemaVersion(_ reader: ObjectReader) throws(DocumentError) {
  let version = try reader.required("schemaVersion", reader.integer("schemaVersion"))
  guard version == 2 else { throw .invalidValue(path: "schemaVersion", value: "\(version)") }
}
