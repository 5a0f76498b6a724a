import CArchive
import FileTree
import Glibc

/// Turns the members of a layer into a tar stream, through libarchive.
///
/// The format is ustar, with pax records only where a field does not fit. The bytes depend on nothing
/// but the members: no user and group names, no access and change times, modification times in whole
/// seconds (those of ``ArchiveForm/folder`` with their fractions, in pax records), no inode numbers, folders with a
/// `/` at the end.
///
/// The stream collects in ``output``, from which the caller takes it.
@safe final class TarWriter {
  private let archive: OpaquePointer
  private let entry: OpaquePointer
  let output = TarOutput()
  private let form: ArchiveForm

  init(_ form: ArchiveForm = .layer) throws(LayerError) {
    self.form = form
    prepareArchiveLocale()
    guard let archive = unsafe archive_write_new() else {
      throw .archive(path: nil, message: "out of memory")
    }
    guard let entry = unsafe archive_entry_new() else {
      unsafe archive_write_free(archive)
      throw .archive(path: nil, message: "out of memory")
    }
    unsafe self.archive = archive
    unsafe self.entry = entry
    let context = unsafe Unmanaged.passUnretained(output).toOpaque()
    // Unbuffered: each header and each piece of data arrives at once, so that the caller knows where
    // in the stream a member starts.
    let steps: [CInt] = [
      // Fractions of seconds are no reason for a pax record in the restricted format.
      form == .layer
        ? unsafe archive_write_set_format_pax_restricted(archive)
        : unsafe archive_write_set_format_pax(archive),
      unsafe archive_write_set_format_option(archive, "pax", "xattrheader", "SCHILY"),
      unsafe archive_write_set_bytes_per_block(archive, 0),
      unsafe archive_write_set_bytes_in_last_block(archive, 1),
      unsafe archive_write_open(archive, context, nil, tarOutputWrite, nil),
    ]
    if steps.contains(where: isFailure) { throw unsafe archiveError(archive, nil) }
  }

  deinit {
    unsafe archive_entry_free(entry)
    // Freeing an archive that is not finished would close it, and write the end of the archive.
    unsafe archive_write_fail(archive)
    unsafe archive_write_free(archive)
  }

  /// Writes the header of a member. A file's data must follow.
  func begin(_ member: LayerEntry, modified: Int64) throws(LayerError) {
    unsafe archive_entry_clear(entry)
    var path = member.path
    var type = FileType.regular
    var size: Int64 = 0
    switch member.kind {
    case .directory:
      type = .directory
      path.bytes.append(.slash)
    case .file(let bytes, _): size = bytes
    case .symbolicLink(let target):
      type = .symbolicLink
      unsafe withCString(target) { unsafe archive_entry_copy_symlink(entry, $0) }
    case .hardLink(let target):
      unsafe withCString(target) { unsafe archive_entry_copy_hardlink(entry, $0) }
    case .fifo: type = .fifo
    case .characterDevice(let device), .blockDevice(let device):
      if case .blockDevice = member.kind { type = .blockDevice } else { type = .characterDevice }
      unsafe archive_entry_set_rdevmajor(entry, dev_t(device.major))
      unsafe archive_entry_set_rdevminor(entry, dev_t(device.minor))
    case .whiteout: path = Whiteout.name(hiding: path)
    case .opaque: path = path.joining(Whiteout.opaqueName)
    }
    unsafe withCString(path) { unsafe archive_entry_copy_pathname(entry, $0) }
    unsafe archive_entry_set_filetype(entry, type.modeBits)
    unsafe archive_entry_set_perm(entry, member.permissions)
    unsafe archive_entry_set_uid(entry, Int64(member.owner.uid))
    unsafe archive_entry_set_gid(entry, Int64(member.owner.gid))
    let nanoseconds = form == .layer ? 0 : Int(member.nanoseconds)
    unsafe archive_entry_set_mtime(entry, time_t(modified), nanoseconds)
    unsafe archive_entry_set_size(entry, size)
    for attribute in member.attributes { addAttribute(attribute) }
    forgetErrorNumber()
    if isFailure(unsafe archive_write_header(archive, entry)) {
      throw unsafe archiveError(archive, member.path)
    }
  }

  private func addAttribute(_ attribute: ExtendedAttribute) {
    let isCapability = attribute.name == ExtendedAttribute.capabilityName
    let value = isCapability ? FileCapability.portable(attribute.value) : attribute.value
    unsafe withCString(BytePath(attribute.name)) { name in
      unsafe value.withUnsafeBytes { value in
        unsafe archive_entry_xattr_add_entry(entry, name, value.baseAddress, value.count)
      }
    }
  }

  /// Writes data of the member that was begun.
  func write(_ data: UnsafeRawBufferPointer, _ path: BytePath) throws(LayerError) {
    guard data.count > 0 else { return }
    let written = unsafe archive_write_data(archive, data.baseAddress, data.count)
    guard written == data.count else { throw unsafe archiveError(archive, path) }
  }

  /// Writes the padding behind a member.
  func end(_ path: BytePath) throws(LayerError) {
    if isFailure(unsafe archive_write_finish_entry(archive)) {
      throw unsafe archiveError(archive, path)
    }
  }

  /// Writes the end of the archive.
  func finish() throws(LayerError) {
    if isFailure(unsafe archive_write_close(archive)) { throw unsafe archiveError(archive, nil) }
  }
}

/// The bytes that libarchive has produced and nobody has taken yet.
final class TarOutput {
  fileprivate(set) var bytes: [UInt8] = []

  /// Takes what is there, and makes room for as much again.
  func take() -> [UInt8] {
    let taken = bytes
    bytes = []
    bytes.reserveCapacity(LayerBlocks.size + 64 * 1024)
    return taken
  }
}

private func tarOutputWrite(
  _ archive: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ data: UnsafeRawPointer?, _ count: Int
) -> Int {
  guard let context = unsafe context, let data = unsafe data else { return -1 }
  let output = unsafe Unmanaged<TarOutput>.fromOpaque(context).takeUnretainedValue()
  unsafe output.bytes.append(contentsOf: UnsafeRawBufferPointer(start: data, count: count))
  return count
}
