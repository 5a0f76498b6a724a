import ContentHash
package import OCIModel

/// Writes one blob: into the session's folder first, hashed on the way, and into the store when
/// it is complete. A writer that goes without `finish` leaves nothing behind.
///
/// One thread uses it at a time; it may be handed from thread to thread.
package struct BlobWriter: ~Copyable, Sendable {
  private var temporary: TemporaryFile
  private let file: OpenFile
  private var hash = SHA256()
  private let store: OCILayoutStore
  private let limit: Int64
  /// Bytes written so far.
  package private(set) var size: Int64 = 0

  init(store: OCILayoutStore, session: Session, limit: Int64) throws(StoreError) {
    let temporary = TemporaryFile(session: session)
    file = try session.folder.create(temporary.name, mode: 0o600)
    self.temporary = temporary
    self.store = store
    self.limit = limit
  }

  package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
    guard size + Int64(bytes.count) <= limit else { throw .tooLarge(what: "blob", limit: limit) }
    unsafe hash.update(bytes)
    try unsafe file.write(bytes)
    size += Int64(bytes.count)
  }

  package mutating func write(_ bytes: [UInt8]) throws(StoreError) { try write(bytes[...]) }

  package mutating func write(_ bytes: ArraySlice<UInt8>) throws(StoreError) { try write(bytes.span) }

  package mutating func write(_ bytes: Span<UInt8>) throws(StoreError) {
    try unsafe bytes.withUnsafeBytes { bytes throws(StoreError) in try unsafe write(bytes) }
  }

  /// Puts the blob into the store, safely on the disk.
  ///
  /// - Parameter expected: digest and size that the content must have, if they are known before.
  /// - Returns: the digest and the size that it has.
  package consuming func finish(
    expecting expected: (digest: Digest, size: Int64)? = nil
  ) throws(StoreError) -> (digest: Digest, size: Int64) {
    let store = store
    var blob = seal()
    if let expected {
      guard blob.size == expected.size else {
        throw .sizeMismatch(expected.digest, expected: expected.size, actual: blob.size)
      }
      guard blob.digest == expected.digest else {
        throw .digestMismatch(expected: expected.digest, actual: blob.digest)
      }
    }
    try store.adopt(&blob)
    return (blob.digest, blob.size)
  }

  /// Ends the content, without putting it into the store.
  consuming func seal() -> SealedBlob {
    SealedBlob(temporary: temporary, digest: Digest(sha256: hash.finalize()), size: size)
  }
}

/// A complete blob that is not in the store yet.
struct SealedBlob: ~Copyable {
  var temporary: TemporaryFile
  let digest: Digest
  let size: Int64
}

/// The name of a file in the session's folder; removed with the value, unless it was moved away.
struct TemporaryFile: ~Copyable, Sendable {
  let session: Session
  let name: String
  private var isMoved = false

  init(session: Session) {
    self.session = session
    name = session.newName()
  }

  deinit {
    // The whole folder goes with the session, so a failure here only delays it.
    if !isMoved { try? session.folder.remove(name) }
  }

  /// Puts the content on the disk and gives it its name.
  mutating func move(to folder: Folder, _ newName: String, mode: UInt32) throws(StoreError) {
    // Opened anew: an archive may have more members than a process may have open files.
    let file = try session.folder.open(name)
    try file.setMode(mode)
    try file.sync()
    try rename(to: folder, newName)
    try folder.sync()
  }

  /// Gives the content its name, and leaves it to the system when it gets to the disk.
  mutating func rename(to folder: Folder, _ newName: String) throws(StoreError) {
    try session.folder.rename(name, to: folder, newName)
    isMoved = true
  }
}
