import JSONText

/// One image in the `manifest.json` of a docker archive, as `docker save` writes it
/// (moby/docker-image-spec, "Combined Image JSON + Filesystem Changeset Format").
package struct DockerArchiveImage: Hashable, Sendable {
  /// Name of the member with the configuration.
  package var config: String
  package var repoTags: [String]
  /// Names of the members with the layers, the base first.
  package var layers: [String]

  package init(config: String, repoTags: [String], layers: [String]) {
    self.config = config
    self.repoTags = repoTags
    self.layers = layers
  }

  /// Reads the whole `manifest.json`.
  package static func decode(_ bytes: [UInt8]) throws(DocumentError) -> [DockerArchiveImage] {
    let value = try JSONReader.read(bytes, limit: JSONReader.manifestLimit)
    guard case .array(let elements) = value else {
      throw .wrongType(path: "", expected: "array", found: value.kind)
    }
    var images: [DockerArchiveImage] = []
    for (index, element) in elements.enumerated() {
      let reader = try ObjectReader(element, path: "[\(index)]")
      images.append(
        DockerArchiveImage(
          config: try reader.required("Config", reader.string("Config")),
          repoTags: try reader.strings("RepoTags") ?? [], layers: try reader.strings("Layers") ?? []))
    }
    return images
  }

  /// Writes a whole `manifest.json`.
  package static func encode(_ images: [DockerArchiveImage]) -> [UInt8] {
    var writer = JSONWriter(escaping: .go)
    writer.array(images) { writer, image in
      writer.object { writer in
        writer.member("Config", image.config)
        writer.member("RepoTags", image.repoTags)
        writer.member("Layers", image.layers)
      }
    }
    return writer.bytes
  }
}
