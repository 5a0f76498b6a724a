import Glibc
package import OCIModel
import Synchronization

/// The local store: an OCI image layout (OCI image-spec, image-layout.md) on the disk, which other
/// tools can read as it stands.
///
///     oci-layout  index.json  blobs/sha256/<hex>    the layout
///     lock  gc.lock  tmp/<pid>-<n>/                  what Slipway needs to write it
///     cache/{steps,reasons,files,locks,mounts}/      what builds remember
///
/// Any number of threads and processes may use one store at the same time. A process that is
/// killed leaves at most garbage in `tmp`, which the next one that opens the store removes.
package final class OCILayoutStore: Sendable {
  let root: Folder
  let blobs: Folder
  private let session = Mutex<Session?>(nil)
  /// Blobs that this process has read and found to be what their names say.
  let intact = Mutex<Set<Digest>>([])

  /// Why not all that dead processes left could be removed when the store was opened; nil if it
  /// could. The store works all the same: it may be one that can only be read, or the tree of a
  /// container whose users are others.
  package let sweepFailure: StoreError?

  static let indexName = "index.json"
  static let layoutName = "oci-layout"
  static let layoutContent = Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)

  private init(root: Folder, blobs: Folder, sweepFailure: StoreError?) {
    self.root = root
    self.blobs = blobs
    self.sweepFailure = sweepFailure
  }

  /// Opens the store at `path`, making it if there is none. What a dead process left is removed.
  package static func open(root path: [UInt8]) throws(StoreError) -> OCILayoutStore {
    let root = try Folder.create(path: path, mode: 0o700)
    if let file = try root.openIfPresent(layoutName) {
      try checkLayout(file.readAll(limit: JSONReader.manifestLimit))
    } else {
      let lock = try Lock.wait(Session.storeLockName, in: root)
      defer { lock.release() }
      try root.makeFolder("blobs", mode: 0o700)
      try root.folder("blobs").makeFolder("sha256", mode: 0o700)
      if try root.openIfPresent(indexName) == nil {
        try root.replace(
          indexName, with: ImageIndex(manifests: []).encoded(), through: ".index.json", mode: 0o644)
      }
      try root.replace(layoutName, with: layoutContent, through: ".oci-layout", mode: 0o644)
    }
    let blobs = try root.folder("blobs").folder("sha256")
    var sweepFailure: StoreError?
    do throws(StoreError) {
      try Session.sweep(root)
    } catch {
      sweepFailure = error
    }
    return OCILayoutStore(root: root, blobs: blobs, sweepFailure: sweepFailure)
  }

  static func checkLayout(_ content: [UInt8]) throws(StoreError) {
    let document: String?
    do throws(DocumentError) {
      document = try LayoutMarker(decoding: content).version
    } catch {
      throw .document(name: layoutName, error)
    }
    guard let document, document.hasPrefix("1.") else {
      throw .unsupportedLayoutVersion(document ?? "")
    }
  }

  /// The path of the store's folder.
  package var path: [UInt8] { root.path }

  /// The path of the folder for unfinished work, which has a folder for each process that writes; it may not be there.
  package var workFolder: [UInt8] { root.path(of: Session.parentName) }

  func openSession() throws(StoreError) -> Session {
    try session.withLock { session throws(StoreError) in
      if let session { return session }
      let new = try Session(in: root)
      session = new
      return new
    }
  }

  /// Whether this store has written anything since it was opened.
  var hasSession: Bool { session.withLock { $0 != nil } }

  /// Keeps everybody from collecting garbage as long as this store is open. Whoever writes a blob
  /// has that anyway; this is for work that relies on blobs which have no name yet.
  package func beginWork() throws(StoreError) { _ = try openSession() }

  /// Makes an empty folder for unfinished work. It goes with the store, or, when the process
  /// dies, when the store is opened the next time.
  /// - Returns: its path, below the path of the store.
  package func makeTemporaryFolder() throws(StoreError) -> [UInt8] {
    let session = try openSession()
    let name = session.newName()
    try session.folder.makeFolder(name, mode: 0o700)
    return session.folder.path(of: name)
  }
}

// MARK: Blobs

extension OCILayoutStore {
  /// Whether there is a blob of this name. It says nothing about its content.
  package func contains(_ digest: Digest) throws(StoreError) -> Bool {
    try blobs.openIfPresent(digest.hex) != nil
  }

  /// Bytes of a blob; nil if there is none.
  package func size(of digest: Digest) throws(StoreError) -> Int64? {
    guard let file = try blobs.openIfPresent(digest.hex) else { return nil }
    return Int64(try file.status().st_size)
  }

  /// The path of a blob's file, for those who hand it to another program. The content is not verified.
  package func path(of digest: Digest) -> [UInt8] { blobs.path(of: digest.hex) }

  /// Starts a blob.
  /// - Parameter limit: bytes that it may have at most.
  package func makeBlob(limit: Int64 = .max) throws(StoreError) -> BlobWriter {
    try BlobWriter(store: self, session: openSession(), limit: limit)
  }

  /// Stores `content`.
  /// - Returns: its descriptor.
  package func put(_ content: [UInt8], mediaType: MediaType) throws(StoreError) -> Descriptor {
    var writer = try makeBlob()
    try writer.write(content)
    let (digest, size) = try writer.finish()
    return Descriptor(mediaType: mediaType, digest: digest, size: size)
  }

  /// Opens the blob of a descriptor; it is verified while it is read.
  package func open(_ descriptor: Descriptor) throws(StoreError) -> BlobReader {
    guard let file = try blobs.openIfPresent(descriptor.digest.hex) else {
      throw .missingBlob(descriptor.digest)
    }
    return BlobReader(file: file, digest: descriptor.digest, size: descriptor.size)
  }

  /// The whole content of a small blob, verified.
  package func read(_ descriptor: Descriptor, limit: Int) throws(StoreError) -> [UInt8] {
    guard descriptor.size <= limit else {
      throw .tooLarge(what: descriptor.digest.description, limit: Int64(limit))
    }
    var reader = try open(descriptor)
    var content: [UInt8] = []
    content.reserveCapacity(Int(descriptor.size))
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try reader.read(into: &buffer)
      if count == 0 { return content }
      content += buffer[..<count]
    }
  }

  /// Moves a complete blob to its place. One that is there already is replaced by the same
  /// content, which mends it if it was damaged.
  func adopt(_ blob: inout SealedBlob) throws(StoreError) {
    try blob.temporary.move(to: blobs, blob.digest.hex, mode: 0o644)
  }
}
