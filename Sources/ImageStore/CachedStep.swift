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

  /// The record as text: a line for each member, and at the end the digest of all before.
  func encoded() -> [UInt8] {
    let lines = [
      Self.header, "key \(key)", "layer \(layer.digest) \(layer.size) \(layer.mediaType.rawValue)",
      "diff-id \(diffID)", "created \(created)",
    ]
    let text = Array((lines.joined(separator: "\n") + "\n").utf8)
    return text + Array("sum \(Digest(of: text))\n".utf8)
  }

  /// Reads a record back; nil for anything that ``encoded()`` has not written, such as half a file.
  init?(decoding bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == 7, lines[0] == Self.header, lines[6].isEmpty else { return nil }
    let sum = Array((lines[..<5].joined(separator: "\n") + "\n").utf8)
    func value(_ line: Int, _ name: String) -> Substring? {
      lines[line].hasPrefix(name + " ") ? lines[line].dropFirst(name.utf8.count + 1) : nil
    }
    guard value(5, "sum") == Digest(of: sum).description[...],
      let key = value(1, "key"), let layer = value(2, "layer")?.split(separator: " "), layer.count == 3,
      let diffID = value(3, "diff-id"), let created = value(4, "created"), let size = Int64(layer[1]),
      let key = try? Digest(parsing: String(key)), let digest = try? Digest(parsing: String(layer[0])),
      let diffID = try? Digest(parsing: String(diffID))
    else { return nil }
    self.init(
      key: key,
      layer: Descriptor(mediaType: MediaType(rawValue: String(layer[2])), digest: digest, size: size),
      diffID: diffID, created: String(created))
  }
}
