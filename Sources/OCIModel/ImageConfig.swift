package import JSONText

/// The configuration of an image (OCI image-spec, config.md), with docker's extensions.
///
/// What Slipway does not know, it keeps: members of other names are written back after the known
/// ones, in the order in which they stood.
package struct ImageConfig: Hashable, Sendable {
  /// RFC 3339, as written.
  package var created: String?
  package var author: String?
  package var platform: Platform
  package var config: ContainerConfig
  /// Digests of the uncompressed layers, the base first.
  package var diffIDs: [Digest]
  package var history: [History]
  package var others: [JSONValue.Member]

  package init(
    platform: Platform, created: String? = nil, author: String? = nil, config: ContainerConfig = .init(),
    diffIDs: [Digest] = [], history: [History] = []
  ) {
    self.platform = platform
    self.created = created
    self.author = author
    self.config = config
    self.diffIDs = diffIDs
    self.history = history
    others = []
  }

  /// Reads a configuration of at most 16 MiB. `architecture`, `os` and `rootfs` may be missing, as
  /// old builders left them out.
  package init(decoding bytes: [UInt8]) throws(DocumentError) {
    let reader = try ObjectReader(JSONReader.read(bytes, limit: JSONReader.configLimit))
    created = try reader.string("created")
    author = try reader.string("author")
    platform = try Platform(reader)
    config =
      try reader.object("config").map { reader throws(DocumentError) in try ContainerConfig(reader) }
      ?? .init()
    diffIDs = []
    if let rootfs = try reader.object("rootfs") {
      if let type = try rootfs.string("type"), type != "layers" {
        throw .invalidValue(path: "rootfs.type", value: type)
      }
      diffIDs = try rootfs.digests("diff_ids") ?? []
    }
    history = []
    for entry in try reader.objects("history") ?? [] { try history.append(History(entry)) }
    others = reader.others(than: [
      "created", "author", "architecture", "os", "os.version", "os.features", "variant", "config", "rootfs",
      "history",
    ])
  }

  /// The document, compact, keys in the order of the specification.
  package func encoded() -> [UInt8] {
    var writer = JSONWriter(escaping: .go)
    writer.object { writer in
      writer.member("created", ifPresent: created)
      writer.member("author", ifPresent: author)
      writer.member("architecture", platform.architecture)
      writer.member("os", platform.os)
      writer.member("os.version", ifPresent: platform.osVersion)
      if !platform.osFeatures.isEmpty { writer.member("os.features", platform.osFeatures) }
      writer.member("variant", ifPresent: platform.variant)
      writer.member("config") { config.write(to: &$0) }
      writer.member("rootfs") { writer in
        writer.object { writer in
          writer.member("type", "layers")
          writer.member("diff_ids", diffIDs.map(\.description))
        }
      }
      writer.member("history") { writer in
        writer.array(history) { writer, entry in entry.write(to: &writer) }
      }
      writer.members(others)
    }
    return writer.bytes
  }
}

/// One step in the making of an image (config.md, `history`).
package struct History: Hashable, Sendable {
  /// RFC 3339, as written.
  package var created: String?
  package var createdBy: String?
  package var author: String?
  package var comment: String?
  /// The step left no layer.
  package var emptyLayer: Bool
  package var others: [JSONValue.Member]

  package init(
    created: String? = nil, createdBy: String? = nil, author: String? = nil, comment: String? = nil,
    emptyLayer: Bool = false
  ) {
    self.created = created
    self.createdBy = createdBy
    self.author = author
    self.comment = comment
    self.emptyLayer = emptyLayer
    others = []
  }

  init(_ reader: ObjectReader) throws(DocumentError) {
    created = try reader.string("created")
    createdBy = try reader.string("created_by")
    author = try reader.string("author")
    comment = try reader.string("comment")
    emptyLayer = try reader.bool("empty_layer") ?? false
    others = reader.others(than: ["created", "created_by", "author", "comment", "empty_layer"])
  }

  /// Writes the entry in the order of the specification.
  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("created", ifPresent: created)
      writer.member("created_by", ifPresent: createdBy)
      writer.member("author", ifPresent: author)
      writer.member("comment", ifPresent: comment)
      if emptyLayer { writer.member("empty_layer", true) }
      writer.members(others)
    }
  }
}
