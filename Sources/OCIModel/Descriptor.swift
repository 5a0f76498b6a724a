package import JSONText

/// Names a blob: what it is, its digest and its size (OCI image-spec, descriptor.md).
package struct Descriptor: Hashable, Sendable {
  package var mediaType: MediaType
  package var digest: Digest
  /// Bytes of the blob.
  package var size: Int64
  package var urls: [String]
  package var annotations: StringMap
  package var platform: Platform?
  package var artifactType: String?

  package init(
    mediaType: MediaType, digest: Digest, size: Int64, urls: [String] = [], annotations: StringMap = [:],
    platform: Platform? = nil, artifactType: String? = nil
  ) {
    self.mediaType = mediaType
    self.digest = digest
    self.size = size
    self.urls = urls
    self.annotations = annotations
    self.platform = platform
    self.artifactType = artifactType
  }

  /// The descriptor of `content`.
  package init(of content: [UInt8], mediaType: MediaType) {
    self.init(mediaType: mediaType, digest: Digest(of: content), size: Int64(content.count))
  }

  /// The same blob, without what only this mention of it says.
  package var bare: Descriptor { Descriptor(mediaType: mediaType, digest: digest, size: size) }

  /// Bytes: four tebibytes. What documents list is summed up, and the blobs of a few megabytes of text must not bring a sum beyond 64 bits.
  private static let sizeLimit: Int64 = 1 << 42

  init(_ reader: ObjectReader) throws(DocumentError) {
    mediaType = MediaType(rawValue: try reader.string("mediaType") ?? "")
    digest = try reader.required("digest", reader.digest("digest"))
    size = try reader.required("size", reader.integer("size"))
    guard (0...Self.sizeLimit).contains(size) else {
      throw .invalidValue(path: reader.place(of: "size"), value: "\(size)")
    }
    urls = try reader.strings("urls") ?? []
    annotations = try reader.stringMap("annotations") ?? [:]
    platform = try reader.object("platform").map { reader throws(DocumentError) in try Platform(reader) }
    artifactType = try reader.string("artifactType")
  }

  /// Writes the descriptor in the order of the specification.
  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("mediaType", mediaType.rawValue)
      writer.member("digest", digest.description)
      writer.member("size", size)
      if !urls.isEmpty { writer.member("urls", urls) }
      if !annotations.isEmpty { writer.member("annotations", annotations) }
      if let platform { writer.member("platform") { platform.write(to: &$0) } }
      writer.member("artifactType", ifPresent: artifactType)
    }
  }
}

extension Platform {
  init(_ reader: ObjectReader) throws(DocumentError) {
    architecture = try reader.string("architecture") ?? ""
    os = try reader.string("os") ?? ""
    osVersion = try reader.string("os.version")
    osFeatures = try reader.strings("os.features") ?? []
    variant = try reader.string("variant")
    if variant?.isEmpty == true { variant = nil }
  }

  func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("architecture", architecture)
      writer.member("os", os)
      writer.member("os.version", ifPresent: osVersion)
      if !osFeatures.isEmpty { writer.member("os.features", osFeatures) }
      writer.member("variant", ifPresent: variant)
    }
  }
}
