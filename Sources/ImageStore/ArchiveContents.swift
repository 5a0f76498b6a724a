import Glibc
import OCIModel

/// The members of an image archive that are looked at: files of a folder, or what was spooled out
/// of a tar. Names are those of the OCI layout and of `docker save`; every other one is passed over.
final class ArchiveContents {
  /// For messages.
  let path: [UInt8]
  private let store: OCILayoutStore
  private let folder: Folder?
  private var spooled: [String: SpooledMember] = [:]
  private var links: [String: String] = [:]
  private let observer: LoadObserver

  /// A member of a tar, in the session's folder of the store under a name of ours.
  private final class SpooledMember {
    private(set) var blob: SealedBlob?
    let name: String
    let digest: Digest
    let size: Int64

    init(_ blob: consuming SealedBlob) {
      name = blob.temporary.name
      digest = blob.digest
      size = blob.size
      self.blob = consume blob
    }

    /// Moves the content into the store; it can be read there afterwards.
    func moveIntoStore(_ store: OCILayoutStore) throws(StoreError) {
      guard var blob = blob.take() else { return }
      try store.adopt(&blob)
    }
  }

  /// Opens a folder that should hold an image layout.
  init(folder: Folder, store: OCILayoutStore, observer: @escaping LoadObserver) {
    path = folder.path
    self.observer = observer
    self.folder = folder
    self.store = store
  }

  /// Spools what matters out of a tar.
  init(
    tar descriptor: CInt, path: [UInt8], store: OCILayoutStore, limits: LoadLimits,
    observer: @escaping LoadObserver
  ) throws(StoreError) {
    self.path = path
    self.observer = observer
    self.store = store
    folder = nil
    var reader = try ArchiveReader.open(descriptor: descriptor, path: path, format: .tar)
    var buffer = [UInt8](repeating: 0, count: ioBufferSize)
    var count = 0
    var room = limits.totalSize
    while let member = try reader.next() {
      count += 1
      guard count <= limits.memberCount else {
        throw .tooMany(what: "members", limit: limits.memberCount)
      }
      guard let name = Self.normalized(member.name), Self.isInteresting(name) else { continue }
      switch member.kind {
      case .file:
        var writer = try store.makeBlob(limit: room)
        while true {
          let count = try reader.read(into: &buffer)
          if count == 0 { break }
          try writer.write(buffer[..<count])
          tell(.progress(name, writer.size, of: member.size), of: name)
        }
        tell(.finished(name, writer.size), of: name)
        room -= writer.size
        let sealed = writer.seal()
        // As with tar itself, a later member replaces an earlier one.
        links[name] = nil
        spooled[name] = SpooledMember(sealed)
      case .symbolicLink(let target):
        links[name] = Self.resolved(target, from: name)
      case .hardLink(let target):
        links[name] = Self.normalized(target)
      case .other: break
      }
    }
  }

  /// Opens a member for reading.
  /// - Returns: nil if there is none that is a plain file.
  func open(_ name: String) throws(StoreError) -> OpenFile? {
    if let folder { return try Self.open(name, in: folder) }
    guard let member = spooledMember(name) else { return nil }
    if member.blob != nil { return try store.openSession().folder.open(member.name) }
    return try store.blobs.openIfPresent(member.digest.hex)
  }

  /// The whole content of a small member; nil if there is none.
  func read(_ name: String, limit: Int) throws(StoreError) -> [UInt8]? {
    guard let file = try open(name) else { return nil }
    return try file.readAll(limit: limit)
  }

  /// Brings a member into the store.
  ///
  /// - Parameter expected: what the content must be; throws if it is not.
  /// - Returns: what it is; nil if there is no such member.
  func moveIntoStore(
    _ name: String, expecting expected: (digest: Digest, size: Int64)? = nil
  ) throws(StoreError) -> (digest: Digest, size: Int64)? {
    if folder == nil {
      guard let member = spooledMember(name) else { return nil }
      if let expected {
        guard member.size == expected.size else {
          throw .sizeMismatch(expected.digest, expected: expected.size, actual: member.size)
        }
        guard member.digest == expected.digest else {
          throw .digestMismatch(expected: expected.digest, actual: member.digest)
        }
      }
      try member.moveIntoStore(store)
      return (member.digest, member.size)
    }
    guard let file = try open(name) else { return nil }
    var writer = try store.makeBlob(limit: expected?.size ?? .max)
    var buffer = [UInt8](repeating: 0, count: ioBufferSize)
    while true {
      let count = try file.read(into: &buffer)
      if count == 0 { break }
      if let expected, writer.size + Int64(count) > expected.size {
        let actual = try Int64(file.status().st_size)
        throw .sizeMismatch(expected.digest, expected: expected.size, actual: actual)
      }
      try writer.write(buffer[..<count])
      if let expected { tell(.progress(name, writer.size, of: expected.size), of: name) }
    }
    let written = try writer.finish(expecting: expected)
    tell(.finished(name, written.size), of: name)
    return written
  }

  /// Tells what happens to a member, unless that is a document of the archive itself.
  private func tell(_ event: LoadEvent, of name: String) {
    if !name.hasSuffix(".json"), name != OCILayoutStore.layoutName { observer(event) }
  }

  private func spooledMember(_ name: String) -> SpooledMember? {
    guard var current = Self.normalized(name) else { return nil }
    // More steps than that are a loop.
    for _ in 0..<8 {
      if let member = spooled[current] { return member }
      guard let next = links[current] else { return nil }
      current = next
    }
    return nil
  }

  // MARK: Names

  private static func open(_ name: String, in folder: Folder) throws(StoreError) -> OpenFile? {
    guard let name = normalized(name), isInteresting(name) else { return nil }
    let components = name.split(separator: "/")
    guard let last = components.last else { return nil }
    var current = folder
    for component in components.dropLast() {
      do throws(StoreError) {
        current = try current.folder(String(component))
      } catch .system(let failure) where [ENOENT, ENOTDIR, ELOOP].contains(failure.code) {
        return nil
      }
    }
    return try current.openIfPresent(String(last))
  }

  /// The name without `./` before it and `/` after it; nil if a component is empty, `.` or `..`.
  private static func normalized(_ name: String) -> String? {
    var name = name[...]
    while name.hasPrefix("./") { name = name.dropFirst(2) }
    if name.hasSuffix("/") { name = name.dropLast() }
    let components = name.split(separator: "/", omittingEmptySubsequences: false)
    return components.allSatisfy({ !["", ".", ".."].contains($0) }) ? String(name) : nil
  }

  /// Where a relative link in the member `name` leads; nil if that is outside of the archive.
  private static func resolved(_ target: String, from name: String) -> String? {
    guard !target.hasPrefix("/") else { return nil }
    var components = name.split(separator: "/").dropLast().map(String.init)
    for component in target.split(separator: "/") where component != "." {
      if component == ".." {
        guard components.popLast() != nil else { return nil }
      } else {
        components.append(String(component))
      }
    }
    return components.isEmpty ? nil : components.joined(separator: "/")
  }

  /// Whether the writers of images give this name to something that belongs to an image:
  /// `oci-layout`, `index.json`, `manifest.json`, `blobs/sha256/<hex>`; of `docker save` and its
  /// like `<config>.json`, `sha256:<hex>`, `<layer>/layer.tar`, `<layer>.tar` and `<layer>.tar.gz`.
  private static func isInteresting(_ name: String) -> Bool {
    let components = name.split(separator: "/")
    guard name.utf8.count <= 200, components.allSatisfy({ $0.utf8.allSatisfy(isPlain) }) else { return false }
    switch components.count {
    case 1:
      return name == "oci-layout" || name.hasPrefix("sha256:")
        || [".json", ".tar", ".tar.gz", ".tgz", ".tar.zst"].contains(where: name.hasSuffix)
    case 2: return components[1] == "layer.tar"
    case 3: return components[0] == "blobs" && components[1] == "sha256" && components[2].utf8.count == 64
    default: return false
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "_.:+-".utf8.contains(byte)
    }
  }
}
