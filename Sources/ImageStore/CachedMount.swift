package import OCIModel

/// What a cache that goes from machine to machine has of one `RUN --mount=type=cache`: an archive of its folder.
package struct CachedMount: Hashable, Sendable {
  /// Names the folder in the store; see ``OCILayoutStore/openMountFolder(_:name:sharing:replacingEmpty:isCancelled:)``.
  package var key: Digest
  /// The mount's id.
  package var id: [UInt8]
  /// The archive: media type, digest and size only.
  package var archive: Descriptor
  /// The digest of the archive's tar stream.
  package var diffID: Digest
  /// What the folder itself is like, which is no member of its archive.
  package var root: Root

  /// The folder's owner, and its mode without the type.
  package struct Root: Hashable, Sendable {
    package var mode: UInt32
    package var uid: UInt32
    package var gid: UInt32

    package init(mode: UInt32, uid: UInt32, gid: UInt32) {
      self.mode = mode
      self.uid = uid
      self.gid = gid
    }
  }

  package init(key: Digest, id: [UInt8], archive: Descriptor, diffID: Digest, root: Root) {
    self.key = key
    self.id = id
    self.archive = archive.bare
    self.diffID = diffID
    self.root = root
  }

  /// Bytes that an id may have.
  private static let longestID = 4096
  private static let header = "slipway-mount 1"
  private static let members = ["key", "archive", "diff-id", "root", "id"]

  /// The record as text.
  func encoded() -> [UInt8] {
    let values = [key.description, archive.recordText, diffID.description, rootText, idText]
    return RecordText.encoded(Self.header, Array(zip(Self.members, values)))
  }

  /// Reads the record back; nil for anything that ``encoded()`` has not written.
  init?(decoding bytes: [UInt8]) {
    guard let values = RecordText.decoded(bytes, Self.header, Self.members),
      let key = try? Digest(parsing: values[0]), let archive = Descriptor(recordText: values[1]),
      let diffID = try? Digest(parsing: values[2])
    else { return nil }
    self.init(key: key, archive: archive, diffID: diffID, rootText: values[3], idText: values[4])
  }

  // MARK: Members as text

  /// The mode in octal, the user and the group.
  package var rootText: String { "\(String(root.mode, radix: 8)) \(root.uid) \(root.gid)" }

  /// The id with `%` and two digits for each byte that is no visible character of ASCII, and for `%`.
  package var idText: String {
    var text = ""
    for byte in id {
      if (0x21...0x7E).contains(byte), byte != UInt8(ascii: "%") {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        text += (digits.utf8.count == 1 ? "%0" : "%") + digits
      }
    }
    return text
  }

  /// Makes a mount of what ``rootText`` and ``idText`` have written; nil for anything else, such as an archive of a type
  /// that is none of a layer.
  package init?(key: Digest, archive: Descriptor, diffID: Digest, rootText: String, idText: String) {
    let numbers = rootText.split(separator: " ", omittingEmptySubsequences: false)
    guard archive.mediaType.isLayer, archive.size >= 0, numbers.count == 3,
      let mode = UInt32(numbers[0], radix: 8), mode <= 0o7777,
      let uid = UInt32(numbers[1]), uid < .max, let gid = UInt32(numbers[2]), gid < .max,
      let id = Self.id(of: idText)
    else { return nil }
    self.init(key: key, id: id, archive: archive, diffID: diffID, root: Root(mode: mode, uid: uid, gid: gid))
  }

  private static func id(of text: String) -> [UInt8]? {
    var id: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
          return nil
        }
        id.append(value)
        rest = rest.dropFirst(2)
      } else {
        id.append(byte)
      }
    }
    return id.isEmpty || id.count > longestID ? nil : id
  }
}
