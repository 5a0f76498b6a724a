import ContentHash
import OCIModel

/// What the first bytes of a layer say about its compression.
enum DetectedCompression: Hashable {
  case known(LayerCompression)
  /// A compression that no layer media type stands for.
  case unsupported(String)

  init(firstBytes bytes: ArraySlice<UInt8>) {
    if bytes.starts(with: [0x1F, 0x8B]) {
      self = .known(.gzip)
    } else if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
      self = .known(.zstd)
    } else if bytes.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) {
      self = .unsupported("xz")
    } else if bytes.starts(with: Array("BZh".utf8)) {
      self = .unsupported("bzip2")
    } else {
      self = .known(.none)
    }
  }
}

/// The digest of a layer's tar, uncompressed: its diff id (OCI image-spec, config.md).
///
/// - Parameters:
///   - file: the layer as stored; read from where it stands, which must be the start.
///   - limit: bytes that the tar may have, against bombs.
func diffID(
  of file: borrowing OpenFile, compression: LayerCompression, limit: Int64
) throws(StoreError) -> Digest {
  var hash = SHA256()
  var buffer = [UInt8](repeating: 0, count: ioBufferSize)
  var size: Int64 = 0
  func add(_ count: Int) throws(StoreError) {
    size += Int64(count)
    guard size <= limit else { throw .tooLarge(what: "layer, uncompressed", limit: limit) }
  }
  if compression == .none {
    while true {
      let count = try file.read(into: &buffer)
      if count == 0 { break }
      try add(count)
      hash.update(buffer[..<count])
    }
  } else {
    var reader = try ArchiveReader.open(descriptor: file.descriptor, path: file.path, format: .raw)
    guard try reader.next() != nil else { throw .archive(path: file.path, message: "empty") }
    while true {
      let count = try reader.read(into: &buffer)
      if count == 0 { break }
      try add(count)
      hash.update(buffer[..<count])
    }
  }
  return Digest(sha256: hash.finalize())
}
