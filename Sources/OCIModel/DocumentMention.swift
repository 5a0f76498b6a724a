import JSONText

/// A blob that a JSON document names by its digest, whatever kind of document it is.
package struct DocumentMention: Hashable, Sendable {
  /// Empty if the document says none.
  package let mediaType: MediaType
  package let digest: Digest

  /// All that a document names, wherever in it that is: in each object that has a digest of SHA-256 (OCI image-spec, descriptor.md). What
  /// stands under `subject` is somebody else's.
  ///
  /// - Parameter content: at most 4 MiB.
  package static func all(in content: [UInt8]) throws(DocumentError) -> [DocumentMention] {
    var mentions: [DocumentMention] = []
    collect(try JSONReader.read(content, limit: JSONReader.manifestLimit), into: &mentions)
    return mentions
  }

  static func collect(_ value: JSONValue, into mentions: inout [DocumentMention]) {
    switch value {
    case .array(let elements):
      for element in elements { collect(element, into: &mentions) }
    case .object(let members):
      if case .string(let text)? = value["digest"], let digest = try? Digest(parsing: text) {
        var type = ""
        if case .string(let text)? = value["mediaType"] { type = text }
        mentions.append(DocumentMention(mediaType: MediaType(rawValue: type), digest: digest))
      }
      for member in members where member.key != "subject" { collect(member.value, into: &mentions) }
    default: break
    }
  }
}

/// An entry of an index that is no descriptor that Slipway can hold, such as one with a digest of another algorithm.
package struct UnreadEntry: Hashable, Sendable {
  let value: JSONValue

  /// `algorithm:encoded`, as it stands; nil without a text.
  package var digest: String? {
    guard case .string(let text)? = value["digest"] else { return nil }
    return text
  }

  /// What it names of blobs that Slipway can read.
  package var mentions: [DocumentMention] {
    var mentions: [DocumentMention] = []
    DocumentMention.collect(value, into: &mentions)
    return mentions
  }
}
