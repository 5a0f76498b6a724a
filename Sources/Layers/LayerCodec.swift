import CArchive
import CDeflate
import Glibc
package import OCIModel

/// How the tar stream of a layer is compressed: a sequence of independent gzip members (RFC 1952,
/// section 2.2) or zstd frames (RFC 8878, section 3.1), one per block of ``LayerBlocks``.
package enum LayerCodec: Hashable, Sendable {
  case none
  /// libdeflate's levels, 0 to 12.
  case gzip(level: Int)
  /// zstd's levels, 1 to 19.
  case zstd(level: Int)

  package static let gzip = LayerCodec.gzip(level: 6)
  package static let zstd = LayerCodec.zstd(level: 3)

  package var compression: LayerCompression {
    switch self {
    case .none: LayerCompression.none
    case .gzip: .gzip
    case .zstd: .zstd
    }
  }

  package var mediaType: MediaType { compression.ociLayer }

  /// A compressor for one thread; `nil` if blocks stay as they are.
  func makeCompressor() throws(LayerError) -> (any BlockCompressor)? {
    switch self {
    case .none: nil
    case .gzip(let level): try GzipCompressor(level: level)
    case .zstd(let level): try ZstdCompressor(level: level)
    }
  }
}

/// Compresses blocks, each by itself, on one thread.
protocol BlockCompressor {
  func compress(_ block: [UInt8]) throws(LayerError) -> [UInt8]
}

/// Makes each block a gzip member, with a header of fixed bytes: no name, time 0, system 255.
@safe final class GzipCompressor: BlockCompressor {
  private let compressor: OpaquePointer

  init(level: Int) throws(LayerError) {
    guard (0...12).contains(level), let compressor = unsafe libdeflate_alloc_compressor(CInt(level)) else {
      throw .compression("gzip level \(level)")
    }
    unsafe self.compressor = compressor
  }

  deinit { unsafe libdeflate_free_compressor(compressor) }

  func compress(_ block: [UInt8]) throws(LayerError) -> [UInt8] {
    let bound = unsafe libdeflate_gzip_compress_bound(compressor, block.count)
    let member = unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      unsafe block.withUnsafeBytes { input in
        count = unsafe libdeflate_gzip_compress(
          compressor, input.baseAddress, input.count, buffer.baseAddress, buffer.count)
      }
    }
    guard !member.isEmpty else { throw .compression("libdeflate gave no output") }
    return member
  }
}

/// Makes each block a zstd frame, through libarchive's filter.
final class ZstdCompressor: BlockCompressor {
  private let level: Int

  init(level: Int) throws(LayerError) {
    guard (1...19).contains(level) else { throw .compression("zstd level \(level)") }
    self.level = level
  }

  func compress(_ block: [UInt8]) throws(LayerError) -> [UInt8] {
    guard let archive = unsafe archive_write_new() else { throw .compression("out of memory") }
    defer { unsafe archive_write_free(archive) }
    var result: CInt = 0
    var used = 0
    // zstd's bound for incompressible data, and room for the frame's head and checksum.
    let bound = block.count + block.count / 128 + 4096
    let frame = unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      result = unsafe write(block, archive, UnsafeMutableRawBufferPointer(buffer), &used)
      count = result == 0 ? used : 0
    }
    guard result == 0 else { throw .compression("zstd: \(unsafe archiveError(archive, nil))") }
    return frame
  }

  private func write(
    _ block: [UInt8], _ archive: OpaquePointer, _ buffer: UnsafeMutableRawBufferPointer, _ used: inout Int
  ) -> CInt {
    // A filter that libarchive only has as an external program answers with a warning: not wanted.
    guard unsafe archive_write_add_filter_zstd(archive) == 0,
      unsafe archive_write_set_format_raw(archive) == 0,
      unsafe archive_write_set_filter_option(archive, "zstd", "compression-level", "\(level)") == 0,
      unsafe archive_write_set_bytes_in_last_block(archive, 1) == 0,
      unsafe archive_write_open_memory(archive, buffer.baseAddress, buffer.count, &used) == 0,
      let entry = unsafe archive_entry_new()
    else { return ARCHIVE_FATAL }
    defer { unsafe archive_entry_free(entry) }
    unsafe archive_entry_set_filetype(entry, 0o100000)
    guard unsafe archive_write_header(archive, entry) == 0 else { return ARCHIVE_FATAL }
    let written = unsafe block.withUnsafeBytes {
      unsafe archive_write_data(archive, $0.baseAddress, $0.count)
    }
    guard written == block.count else { return ARCHIVE_FATAL }
    return unsafe archive_write_close(archive)
  }
}
