import CArchive
import Glibc

/// Writes a tar archive whose bytes depend on names and content only: time 0, owner 0, fixed modes.
/// It is ustar, with a pax header where a size does not fit.
@safe struct ArchiveWriter: ~Copyable {
  private let archive: OpaquePointer
  private let path: [UInt8]

  /// - Parameters:
  ///   - descriptor: stays the caller's.
  ///   - path: for messages.
  static func open(descriptor: CInt, path: [UInt8]) throws(StoreError) -> ArchiveWriter {
    guard let archive = unsafe archive_write_new() else {
      throw .system(SystemFailure(operation: "archive_write_new", path: path, code: ENOMEM))
    }
    let writer = unsafe ArchiveWriter(archive: archive, path: path)
    try writer.check(unsafe archive_write_set_format_pax_restricted(archive))
    try writer.check(unsafe archive_write_add_filter_none(archive))
    // No padding to whole tape records.
    try writer.check(unsafe archive_write_set_bytes_in_last_block(archive, 1))
    try writer.check(unsafe archive_write_open_fd(archive, descriptor))
    return writer
  }

  deinit {
    // Without this, freeing an archive that failed would still write its end.
    unsafe archive_write_fail(archive)
    unsafe archive_write_free(archive)
  }

  mutating func addFolder(_ name: String) throws(StoreError) {
    try addHeader(name, type: Glibc.S_IFDIR, mode: 0o755, size: 0)
  }

  /// Starts a file; exactly `size` bytes have to follow.
  mutating func addFile(_ name: String, size: Int64) throws(StoreError) {
    try addHeader(name, type: Glibc.S_IFREG, mode: 0o644, size: size)
  }

  mutating func addFile(_ name: String, content: [UInt8]) throws(StoreError) {
    try addFile(name, size: Int64(content.count))
    try write(content[...])
  }

  mutating func write(_ bytes: ArraySlice<UInt8>) throws(StoreError) {
    let count = unsafe bytes.withUnsafeBytes { unsafe archive_write_data(archive, $0.baseAddress, $0.count) }
    guard count == bytes.count else { throw failure() }
  }

  /// Writes the end of the archive.
  mutating func finish() throws(StoreError) {
    try check(unsafe archive_write_close(archive))
  }

  private func addHeader(_ name: String, type: UInt32, mode: mode_t, size: Int64) throws(StoreError) {
    guard let entry = unsafe archive_entry_new() else {
      throw .system(SystemFailure(operation: "archive_entry_new", path: path, code: ENOMEM))
    }
    defer { unsafe archive_entry_free(entry) }
    unsafe archive_entry_set_pathname(entry, name)
    unsafe archive_entry_set_filetype(entry, type)
    unsafe archive_entry_set_perm(entry, mode)
    unsafe archive_entry_set_size(entry, size)
    unsafe archive_entry_set_mtime(entry, 0, 0)
    unsafe archive_entry_set_uid(entry, 0)
    unsafe archive_entry_set_gid(entry, 0)
    try check(unsafe archive_write_header(archive, entry))
  }

  private func check(_ status: CInt) throws(StoreError) {
    guard status == ARCHIVE_OK else { throw failure() }
  }

  private func failure() -> StoreError {
    let message = unsafe archive_error_string(archive).map { unsafe String(cString: $0) }
    return .archive(path: path, message: message ?? "")
  }
}
