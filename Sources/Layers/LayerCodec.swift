import CDeflate
import CZstd
package import OCIModel

/// How the tar stream of a layer is compressed: a sequence of independent gzip members (RFC 1952,
/// section 2.2) or zstd frames (RFC 8878, section 3.1), one per block of ``LayerBlocks``.
package enum LayerCodec: Hashable, Sendable {
  case none
  /// libdeflate's levels, 0 to 12.
  case gzip(level: Int)
  /// zstd's levels, 1 to 22.
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

/// Makes each block a zstd frame with its size and a checksum in it.
@safe final class ZstdCompressor: BlockCompressor {
  private let context: OpaquePointer

  init(level: Int) throws(LayerError) {
    guard (1...22).contains(level), let context = unsafe ZSTD_createCCtx() else {
      throw .compression("zstd level \(level)")
    }
    unsafe self.context = context
    let results = [
      unsafe ZSTD_CCtx_setParameter(context, CInt(ZSTD_c_compressionLevel), CInt(level)),
      unsafe ZSTD_CCtx_setParameter(context, CInt(ZSTD_c_checksumFlag), 1),
    ]
    for result in results where ZSTD_isError(result) != 0 { throw Self.error(result) }
  }

  deinit { unsafe ZSTD_freeCCtx(context) }

  func compress(_ block: [UInt8]) throws(LayerError) -> [UInt8] {
    let bound = ZSTD_compressBound(block.count)
    var result = 0
    let frame = unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      result = unsafe block.withUnsafeBytes { input in
        unsafe ZSTD_compress2(context, buffer.baseAddress, buffer.count, input.baseAddress, input.count)
      }
      count = ZSTD_isError(result) == 0 ? result : 0
    }
    guard ZSTD_isError(result) == 0 else { throw Self.error(result) }
    return frame
  }

  private static func error(_ code: Int) -> LayerError {
    .compression("zstd: " + (unsafe ZSTD_getErrorName(code).map { unsafe String(cString: $0) } ?? "\(code)"))
  }
}
