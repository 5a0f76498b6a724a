package import ImageStore
import JSONText
import OCIModel

/// Steps of the build cache, and cache mounts, as JSON: the configuration of a cache in a registry, and the annotation of
/// an image that carries its own steps.
///
///     {"version":1,"steps":[{"key":"sha256:…","layer":{…descriptor…},"diffID":"sha256:…","created":"…"}],
///      "mounts":[{"key":"sha256:…","id":"…","archive":{…descriptor…},"diffID":"sha256:…","root":"755 0 0"}]}
///
/// Without mounts there is no member of that name, as before there were any.
package enum CacheRecords {
  /// The type of such a document, and of the artifact that it is the configuration of.
  static let mediaType: MediaType = "application/vnd.slipway.buildcache.v1+json"
  /// The annotation of a manifest whose layers the steps are.
  package static let annotation = "slipway.buildcache.v1"
  /// Bytes of a document at most.
  static let limit = 64 << 20

  /// - Parameters: in the order in which they are to stand.
  package static func encode(_ steps: [CachedStep], mounts: [CachedMount] = []) -> [UInt8] {
    var writer = JSONWriter(escaping: .go)
    writer.object { writer in
      writer.member("version", 1)
      writer.member("steps") { writer in
        writer.array(steps) { writer, step in
          writer.object { writer in
            writer.member("key", step.key.description)
            writer.member("layer") { step.layer.write(to: &$0) }
            writer.member("diffID", step.diffID.description)
            writer.member("created", step.created)
          }
        }
      }
      if mounts.isEmpty { return }
      writer.member("mounts") { writer in
        writer.array(mounts) { writer, mount in
          writer.object { writer in
            writer.member("key", mount.key.description)
            writer.member("id", mount.idText)
            writer.member("archive") { mount.archive.write(to: &$0) }
            writer.member("diffID", mount.diffID.description)
            writer.member("root", mount.rootText)
          }
        }
      }
    }
    return writer.bytes
  }

  /// The steps of a document; what of it cannot be read is passed over, as anything a cache does not have.
  static func decode(_ bytes: [UInt8]) -> [CachedStep] {
    members("steps", of: bytes).compactMap { step in
      guard let layer = layer(step["layer"]), let key = parsed(step["key"]),
        let diffID = parsed(step["diffID"]),
        case .string(let created)? = step["created"],
        !created.contains(where: \.isNewline)
      else { return nil }
      return CachedStep(key: key, layer: layer, diffID: diffID, created: created)
    }
  }

  /// The mounts of a document; what of it cannot be read is passed over.
  static func decodeMounts(_ bytes: [UInt8]) -> [CachedMount] {
    members("mounts", of: bytes).compactMap { mount in
      guard let archive = layer(mount["archive"]), let key = parsed(mount["key"]),
        let diffID = parsed(mount["diffID"]), case .string(let id)? = mount["id"],
        case .string(let root)? = mount["root"]
      else { return nil }
      return CachedMount(key: key, archive: archive, diffID: diffID, rootText: root, idText: id)
    }
  }

  private static func members(_ name: String, of bytes: [UInt8]) -> [JSONValue] {
    guard let document = try? JSONReader.read(bytes, limit: limit), document["version"] == .integer(1),
      case .array(let members)? = document[name]
    else { return [] }
    return members
  }

  private static func layer(_ value: JSONValue?) -> Descriptor? {
    guard let value, case .string(let type)? = value["mediaType"], case .integer(let size)? = value["size"],
      size >= 0, let digest = parsed(value["digest"])
    else { return nil }
    let descriptor = Descriptor(mediaType: MediaType(rawValue: type), digest: digest, size: size)
    return descriptor.mediaType.isLayer ? descriptor : nil
  }

  private static func parsed(_ value: JSONValue?) -> Digest? {
    guard case .string(let text)? = value else { return nil }
    return try? Digest(parsing: text)
  }
}
