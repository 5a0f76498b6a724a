import CArchive
import Glibc

/// Reads a tar archive, plain or compressed as a whole, from its start to its end, through
/// libarchive's streaming interface.
@safe struct ArchiveReader: ~Copyable {
  private let archive: OpaquePointer
  private let path: [UInt8]

  /// A member of the archive. Its name is a claim of whoever made it.
  struct Member {
    var name: String
    var kind: Kind
    /// Bytes that the header announces.
    var size: Int64
  }

  enum Kind: Hashable {
    case file
    /// The text of the link, not resolved.
    case symbolicLink(String)
    case hardLink(String)
    case other
  }

  /// What is expected in the stream.
  enum Format {
    /// Members of a tar archive.
    case tar
    /// One stream of bytes without members, compressed or not.
    case raw
  }

  /// - Parameters:
  ///   - descriptor: stays the caller's; read from where it stands.
  ///   - path: for messages.
  static func open(descriptor: CInt, path: [UInt8], format: Format) throws(StoreError) -> ArchiveReader {
    guard let archive = unsafe archive_read_new() else {
      throw .system(SystemFailure(operation: "archive_read_new", path: path, code: ENOMEM))
    }
    let reader = unsafe ArchiveReader(archive: archive, path: path)
    // Each by name: the calls for "all" would link every library that libarchive knows.
    unsafe archive_read_support_filter_gzip(archive)
    unsafe archive_read_support_filter_zstd(archive)
    if format == .tar {
      unsafe archive_read_support_filter_xz(archive)
      unsafe archive_read_support_filter_bzip2(archive)
      unsafe archive_read_support_format_tar(archive)
    } else {
      unsafe archive_read_support_format_raw(archive)
    }
    try reader.check(unsafe archive_read_open_fd(archive, descriptor, ioBufferSize))
    return reader
  }

  deinit { unsafe archive_read_free(archive) }

  /// The next member; nil at the end. A member whose name is not UTF-8 has the name "".
  mutating func next() throws(StoreError) -> Member? {
    var entry: OpaquePointer?
    // A stale ENOMEM would make a name that cannot be converted fatal.
    errno = 0
    let status = unsafe archive_read_next_header(archive, &entry)
    if status == ARCHIVE_EOF { return nil }
    try check(status)
    guard let entry = unsafe entry else { return nil }
    let name = unsafe text(archive_entry_pathname(entry))
    let kind: Kind
    if let target = unsafe archive_entry_hardlink(entry) {
      kind = unsafe .hardLink(text(target))
    } else if unsafe archive_entry_filetype(entry) == Glibc.S_IFREG {
      kind = .file
    } else if let target = unsafe archive_entry_symlink(entry) {
      kind = unsafe .symbolicLink(text(target))
    } else {
      kind = .other
    }
    return unsafe Member(name: name, kind: kind, size: archive_entry_size(entry))
  }

  /// Reads content of the current member; 0 is its end. Holes of a sparse member are zeros.
  mutating func read(into buffer: inout [UInt8]) throws(StoreError) -> Int {
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe archive_read_data(archive, $0.baseAddress, $0.count)
    }
    guard count >= 0 else { throw failure() }
    return count
  }

  /// A warning is no failure: names in other character sets give one.
  private func check(_ status: CInt) throws(StoreError) {
    guard status == ARCHIVE_OK || status == ARCHIVE_WARN else { throw failure() }
  }

  private func failure() -> StoreError {
    let message = unsafe archive_error_string(archive).map { unsafe String(cString: $0) }
    return .archive(path: path, message: message ?? "")
  }

  private func text(_ start: UnsafePointer<CChar>?) -> String {
    guard let start = unsafe start else { return "" }
    return unsafe String(validatingCString: start) ?? ""
  }
}
