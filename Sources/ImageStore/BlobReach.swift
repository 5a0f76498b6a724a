import Glibc
import OCIModel

// Which blobs the list of the store needs. Other tools may list what they like in a layout: artifacts, documents of types that nobody here
// knows, with digests of another algorithm. All that such a document names by a digest stays.

extension OCILayoutStore {
  /// All blobs that listed images, and what refers to them, consist of.
  func imageBlobs() throws(StoreError) -> Set<Digest> {
    var reach = BlobReach(store: self)
    let index = try readIndex()
    for entry in index.manifests where Referrer(entry: entry) == nil { try reach.follow(entry) }
    for entry in index.unread { try reach.follow(entry) }
    let referrers = index.manifests.compactMap(Referrer.init(entry:))
    for referrer in Referrer.closure(of: reach.blobs, in: referrers) {
      try reach.follow(referrer.descriptor)
    }
    return reach.blobs
  }

  /// All blobs that one image consists of.
  func imageBlobs(of image: Descriptor) throws(StoreError) -> Set<Digest> {
    var reach = BlobReach(store: self)
    try reach.follow(image)
    return reach.blobs
  }
}

/// The blobs that are reached from some documents.
private struct BlobReach {
  private let store: OCILayoutStore
  private(set) var blobs: Set<Digest> = []
  private var followed: Set<Digest> = []

  /// More indexes in one another than any tool writes; each takes room on the stack.
  private static let depthLimit = 32

  init(store: OCILayoutStore) { self.store = store }

  mutating func follow(_ descriptor: Descriptor) throws(StoreError) {
    try follow(descriptor.digest, descriptor.mediaType, depth: 0)
  }

  /// An entry of the list that is not understood. Where its digest is of another algorithm, its blob is taken for what it is called.
  mutating func follow(_ entry: UnreadEntry) throws(StoreError) {
    for mention in entry.mentions { try follow(mention.digest, mention.mediaType, depth: 1) }
    guard let content = try content(of: entry), let mentions = try? DocumentMention.all(in: content) else {
      return
    }
    for mention in mentions { try follow(mention.digest, mention.mediaType, depth: 1) }
  }

  /// Adds a document, and what it names. One that is known to be a manifest or an index, and cannot be read, is an error: what it names is
  /// not known. Of another type, it may be a document or anything else.
  private mutating func follow(_ digest: Digest, _ type: MediaType, depth: Int) throws(StoreError) {
    blobs.insert(digest)
    guard followed.insert(digest).inserted, let size = try store.size(of: digest) else { return }
    guard depth < Self.depthLimit else { throw .tooMany(what: "nested indexes", limit: Self.depthLimit) }
    let isDocument = type.isIndex || type.isManifest
    if !isDocument, size > JSONReader.manifestLimit { return }
    // Whether the size is what it should be is for `verify` to say.
    let content = try store.read(
      Descriptor(mediaType: type, digest: digest, size: size), limit: JSONReader.manifestLimit)
    let mentions: [DocumentMention]
    do throws(DocumentError) {
      mentions = try DocumentMention.all(in: content)
    } catch {
      if isDocument { throw .document(name: digest.description, error) }
      return
    }
    for mention in mentions {
      // What an index lists are documents, whatever they are called.
      if type.isIndex || mention.mediaType.isIndex || mention.mediaType.isManifest {
        try follow(mention.digest, mention.mediaType, depth: depth + 1)
      } else {
        blobs.insert(mention.digest)
      }
    }
  }

  /// The document of an entry whose digest is of another algorithm; nil if there is none that could be one.
  private func content(of entry: UnreadEntry) throws(StoreError) -> [UInt8]? {
    guard let parts = entry.digest?.split(separator: ":", omittingEmptySubsequences: false), parts.count == 2,
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isPlain) })
    else { return nil }
    do throws(StoreError) {
      let folder = try store.root.folder("blobs").folder(String(parts[0]))
      guard let file = try folder.openIfPresent(String(parts[1])),
        try file.status().st_size <= JSONReader.manifestLimit
      else { return nil }
      return try file.readAll(limit: JSONReader.manifestLimit)
    } catch .system(let failure) where [ENOENT, ENOTDIR, ELOOP].contains(failure.code) {
      return nil
    }
  }

  /// Of what the specification lets a digest consist of.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "_+-=".utf8.contains(byte)
    }
  }
}
