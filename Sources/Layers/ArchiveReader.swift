import CArchive
import ContentHash
package import FileTree
import Glibc
package import OCIModel

/// A member of a tar archive, as it is read.
package struct ArchiveMember: Sendable {
  package enum Kind: Hashable, Sendable {
    case directory
    /// A regular file; its content is read with ``ArchiveReader/readContent(_:)``.
    case file(size: Int64)
    case symbolicLink(target: BytePath)
    case hardLink(to: BytePath)
    case fifo
    case characterDevice(DeviceNumber)
    case blockDevice(DeviceNumber)
    /// Something else; the format part of its mode.
    case other(UInt32)
  }

  /// The name as it stands in the archive.
  package var name: BytePath
  package var kind: Kind
  package var permissions: UInt32
  package var owner: Owner
  package var modified: Timestamp
  /// `security.capability` and `user.*`; nothing else is taken from an archive.
  package var attributes: [ExtendedAttribute]
}

/// Reads a tar archive from a stream, member by member, and hashes the tar stream on the way.
///
/// All tar formats that libarchive knows are read: ustar, pax, GNU with long names and sparse files.
@safe package final class ArchiveReader {
  private let decompressor: OpaquePointer
  private let archive: OpaquePointer
  private let source: ReadClient
  private let tarStream: TarStream
  private let limits: ArchiveLimits
  private var members = 0
  private var current: BytePath?

  /// Opens an archive.
  /// - Parameter compression: how the stream is compressed; `nil` finds it out from its first bytes,
  ///   among gzip, zstd, bzip2, xz and none.
  package init<Source: BlobSource & ~Copyable>(
    _ source: consuming Source, compression: LayerCompression?, limits: ArchiveLimits = ArchiveLimits()
  ) throws(LayerError) {
    prepareArchiveLocale()
    guard let decompressor = unsafe archive_read_new() else {
      throw .archive(path: nil, message: "out of memory")
    }
    guard let archive = unsafe archive_read_new() else {
      unsafe archive_read_free(decompressor)
      throw .archive(path: nil, message: "out of memory")
    }
    unsafe self.decompressor = decompressor
    unsafe self.archive = archive
    self.limits = limits
    self.source = SourceClient(source)
    unsafe tarStream = TarStream(decompressor, limits)
    try open(compression)
  }

  deinit {
    unsafe archive_read_free(archive)
    unsafe archive_read_free(decompressor)
  }

  private func open(_ compression: LayerCompression?) throws(LayerError) {
    var steps: [CInt] = []
    if compression == nil || compression == .gzip {
      steps.append(unsafe archive_read_support_filter_gzip(decompressor))
    }
    if compression == nil || compression == .zstd {
      steps.append(unsafe archive_read_support_filter_zstd(decompressor))
    }
    if compression == nil {
      steps.append(unsafe archive_read_support_filter_bzip2(decompressor))
      steps.append(unsafe archive_read_support_filter_xz(decompressor))
    }
    steps.append(unsafe archive_read_support_format_raw(decompressor))
    steps.append(unsafe archive_read_support_format_empty(decompressor))
    let outer = unsafe Unmanaged.passUnretained(source).toOpaque()
    steps.append(unsafe archive_read_open(decompressor, outer, nil, readClientFill, nil))
    var entry: OpaquePointer?
    if !steps.contains(where: isFailure) {
      let result = unsafe archive_read_next_header(decompressor, &entry)
      tarStream.isAtEnd = result == ARCHIVE_EOF
      steps.append(result)
    }
    if let failure = source.failure { throw .file(failure) }
    if steps.contains(where: isFailure) { throw unsafe archiveError(decompressor, nil) }

    let inner = unsafe Unmanaged.passUnretained(tarStream as ReadClient).toOpaque()
    let opened: [CInt] = [
      unsafe archive_read_support_format_tar(archive),
      unsafe archive_read_support_format_empty(archive),
      unsafe archive_read_open(archive, inner, nil, readClientFill, nil),
    ]
    try checkStreams()
    if opened.contains(where: isFailure) { throw unsafe archiveError(archive, nil) }
  }

  /// An error below the archive explains the archive's.
  private func checkStreams() throws(LayerError) {
    if let failure = source.failure { throw .file(failure) }
    if let failure = tarStream.streamFailure { throw failure }
  }

  /// The next member; `nil` at the end of the archive.
  package func next() throws(LayerError) -> ArchiveMember? {
    var found: OpaquePointer?
    let result = withNamesAsBytes { unsafe archive_read_next_header(archive, &found) }
    try checkStreams()
    if result == ARCHIVE_EOF { return nil }
    guard !isFailure(result), let entry = unsafe found else { throw unsafe archiveError(archive, current) }
    members += 1
    guard members <= limits.members else { throw .limit(.entries(limits.members), path: current) }
    let member = try unsafe Self.member(entry, limits)
    current = member.name
    return member
  }

  private static func member(
    _ entry: OpaquePointer, _ limits: ArchiveLimits
  ) throws(LayerError) -> ArchiveMember {
    guard let text = unsafe archive_entry_pathname(entry) else { throw .invalidPath(BytePath()) }
    let name = unsafe pathBytes(text)
    guard name.bytes.count <= limits.pathBytes else {
      throw .limit(.pathLength(limits.pathBytes), path: BytePath(Array(name.bytes.prefix(256))))
    }
    let mode = unsafe archive_entry_filetype(entry)
    let device = unsafe DeviceNumber(
      major: UInt32(truncatingIfNeeded: archive_entry_rdevmajor(entry)),
      minor: UInt32(truncatingIfNeeded: archive_entry_rdevminor(entry)))
    let kind: ArchiveMember.Kind
    if let target = unsafe archive_entry_hardlink(entry) {
      kind = unsafe .hardLink(to: pathBytes(target))
    } else {
      switch FileType(mode: mode) {
      case .directory: kind = .directory
      case .regular: kind = unsafe .file(size: max(0, archive_entry_size(entry)))
      case .symbolicLink:
        guard let target = unsafe archive_entry_symlink(entry) else { throw .invalidPath(name) }
        kind = unsafe .symbolicLink(target: pathBytes(target))
      case .fifo: kind = .fifo
      case .characterDevice: kind = .characterDevice(device)
      case .blockDevice: kind = .blockDevice(device)
      case .socket, nil: kind = .other(mode)
      }
    }
    let nanoseconds = unsafe archive_entry_mtime_nsec(entry)
    return ArchiveMember(
      name: name, kind: kind, permissions: unsafe archive_entry_perm(entry) & 0o7777,
      owner: unsafe Owner(
        uid: identifier(archive_entry_uid(entry)), gid: identifier(archive_entry_gid(entry))),
      modified: Timestamp(
        seconds: unsafe Int64(archive_entry_mtime(entry)),
        nanoseconds: UInt32(clamping: max(0, min(nanoseconds, 999_999_999)))),
      attributes: try unsafe attributes(entry, name, limits))
  }

  /// Ids that no kernel can give, such as -1, are taken for root's.
  private static func identifier(_ value: Int64) -> UInt32 {
    guard value >= 0, value < Int64(UInt32.max) else { return 0 }
    return UInt32(value)
  }

  private static func attributes(
    _ entry: OpaquePointer, _ path: BytePath, _ limits: ArchiveLimits
  ) throws(LayerError) -> [ExtendedAttribute] {
    guard unsafe archive_entry_xattr_reset(entry) > 0 else { return [] }
    var found: [ExtendedAttribute] = []
    var total = 0
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var count = 0
    while unsafe archive_entry_xattr_next(entry, &name, &value, &count) == 0 {
      guard let key = unsafe name else { continue }
      let bytes = unsafe pathBytes(key).bytes
      total += bytes.count + count
      guard total <= limits.attributeBytes else {
        throw .limit(.attributeBytes(limits.attributeBytes), path: path)
      }
      guard bytes == ExtendedAttribute.capabilityName || bytes.starts(with: "user.".utf8) else { continue }
      // Marks of an overlay would have a meaning on the overlay of a RUN.
      if bytes.starts(with: "user.overlay.".utf8) { continue }
      let content = unsafe UnsafeRawBufferPointer(start: value, count: count)
      // A writer may name an attribute twice, in two dialects; one of them is enough.
      found.removeAll { $0.name == bytes }
      found.append(ExtendedAttribute(name: bytes, value: unsafe Array(content)))
    }
    return found.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  /// Gives the content of the current member to `body`, piece by piece with its offset. What lies
  /// between two pieces, and after the last, is a hole.
  package func readContent(
    _ body: (UnsafeRawBufferPointer, Int64) throws(LayerError) -> Void
  ) throws(LayerError) {
    while true {
      var start: UnsafeRawPointer?
      var count = 0
      var offset: Int64 = 0
      let result = unsafe archive_read_data_block(archive, &start, &count, &offset)
      try checkStreams()
      if result == ARCHIVE_EOF { return }
      if isFailure(result) { throw unsafe archiveError(archive, current) }
      try unsafe body(UnsafeRawBufferPointer(start: start, count: count), offset)
    }
  }

  /// Reads what is left behind the archive's end, which belongs to the stream that is hashed.
  /// - Returns: the digest and the size of the whole tar stream.
  package func finish() throws(LayerError) -> (diffID: Digest, size: Int64) {
    tarStream.drain()
    try checkStreams()
    return (Digest(sha256: tarStream.finalize()), tarStream.count)
  }
}

/// How much an archive may hold.
package struct ArchiveLimits: Hashable, Sendable {
  package var members = 10_000_000
  /// Bytes of the tar stream, and by themselves bytes of all files with their holes.
  package var totalBytes: Int64 = 1 << 40
  /// How many times the compressed bytes the tar stream may be, once it has more than `ratioFloor` bytes: zeros of a few
  /// megabytes are nothing, those of a disk are an attack.
  package var ratio = 1000
  package var ratioFloor: Int64 = 16 << 30
  package var pathBytes = 4096
  /// Names and values of one member's extended attributes.
  package var attributeBytes = 1 << 20

  package init() {}
}
