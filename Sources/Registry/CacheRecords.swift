package import ImageStore
import JSONText
import OCIModel

/// Steps of the build cache as JSON: the configuration of a cache in a registry, and the annotation of an image that
/// carries its own.
///
///     {"version":1,"steps":[{"key":"sha256:…","layer":{…descriptor…},"diffID":"sha256:…","created":"…"}]}
package enum CacheRecords {
  /// The type of such a document, and of the artifact that it is the configuration of.
  static let mediaType: MediaType = "application/vnd.slipway.buildcache.v1+json"
  /// The annotation of a manifest whose layers the steps are.
  package static let annotation = "slipway.buildcache.v1"
  /// Bytes of a document at most.
  static let limit = 64 << 20

  /// - Parameter steps: in the order in which they are to stand.
  package static func encode(_ steps: [CachedStep]) -> [UInt8] {
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
    }
    return writer.bytes
  }

  /// The steps of a document; what of it cannot be read is passed over, as anything a cache does not have.
  static func decode(_ bytes: [UInt8]) -> [CachedStep] {
    guard let document = try? JSONReader.read(bytes, limit: limit), document["version"] == .integer(1),
      case .array(let steps)? = document["steps"]
    else { return [] }
    return steps.compactMap { step in
      guard let layer = step["layer"], case .string(let type)? = layer["mediaType"],
        case .integer(let size)? = layer["size"], size >= 0, let digest = parsed(layer["digest"]),
        let key = parsed(step["key"]), let diffID = parsed(step["diffID"]),
        case .string(let created)? = step["created"],
        !created.contains(where: \.isNewline)
      else { return nil }
      let descriptor = Descriptor(mediaType: MediaType(rawValue: type), digest: digest, size: size)
      guard descriptor.mediaType.isLayer else { return nil }
      return CachedStep(key: key, layer: descriptor, diffID: diffID, created: created)
    }
  }

  private static func parsed(_ value: JSONValue?) -> Digest? {
    guard case .string(let text)? = value else { return nil }
    return try? Digest(parsing: text)
  }
}
