package import OCIModel

/// What one step of a build came to, as the build cache keeps it.
package struct CachedStep: Hashable, Sendable {
  /// The digest over everything that the layer depends on.
  package var key: Digest
  /// Media type, digest and size only.
  package var layer: Descriptor
  package var diffID: Digest
  /// When the step was executed, in RFC 3339.
  package var created: String

  package init(key: Digest, layer: Descriptor, diffID: Digest, created: String) {
    self.key = key
    self.layer = layer.bare
    self.diffID = diffID
    self.created = created
  }

  private static let header = "slipway-step 1"

  private static let members = ["key", "layer", "diff-id", "created"]

  /// The record as text.
  func encoded() -> [UInt8] {
    let values = [key.description, layer.recordText, diffID.description, created]
    return RecordText.encoded(Self.header, Array(zip(Self.members, values)))
  }

  /// Reads the record back; nil for anything that ``encoded()`` has not written.
  init?(decoding bytes: [UInt8]) {
    guard let values = RecordText.decoded(bytes, Self.header, Self.members),
      let key = try? Digest(parsing: values[0]), let layer = Descriptor(recordText: values[1]),
      let diffID = try? Digest(parsing: values[2])
    else { return nil }
    self.init(key: key, layer: layer, diffID: diffID, created: values[3])
  }
}
