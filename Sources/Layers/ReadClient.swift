import CArchive
import ContentHash
import FileTree
import Glibc

/// What libarchive reads from. A class without type parameters, so that a C callback can find it.
class ReadClient {
  /// What went wrong below; the callback can only tell libarchive that something did.
  var failure: FileError?

  /// The next bytes, valid until the next call; empty at the end, `nil` after a failure.
  func fill() -> UnsafeRawBufferPointer? {
    unsafe UnsafeRawBufferPointer(start: nil, count: 0)
  }
}

func readClientFill(
  _ archive: OpaquePointer?, _ context: UnsafeMutableRawPointer?,
  _ start: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> Int {
  guard let context = unsafe context, let start = unsafe start else { return -1 }
  let client = unsafe Unmanaged<ReadClient>.fromOpaque(context).takeUnretainedValue()
  // The client keeps its error; libarchive only has to see the call fail.
  guard let bytes = unsafe client.fill() else { return -1 }
  unsafe start.pointee = bytes.baseAddress
  return bytes.count
}

/// Reads a ``BlobSource`` in pieces of 1 MiB.
@safe final class SourceClient<Source: BlobSource & ~Copyable>: ReadClient {
  private var source: Source
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)

  init(_ source: consuming Source) {
    self.source = source
  }

  deinit { unsafe buffer.deallocate() }

  override func fill() -> UnsafeRawBufferPointer? {
    do throws(FileError) {
      let count = try unsafe source.read(into: buffer)
      return unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
    } catch {
      failure = error
      return nil
    }
  }
}

/// The tar stream that a decompressor gives, hashed as it passes.
@safe final class TarStream: ReadClient {
  private let decompressor: OpaquePointer
  private let limits: ArchiveLimits
  private var hash: SHA256? = SHA256()
  private(set) var count: Int64 = 0
  private(set) var streamFailure: LayerError?
  var isAtEnd = false

  init(_ decompressor: OpaquePointer, _ limits: ArchiveLimits) {
    unsafe self.decompressor = decompressor
    self.limits = limits
  }

  override func fill() -> UnsafeRawBufferPointer? {
    guard streamFailure == nil else { return nil }
    while !isAtEnd {
      var start: UnsafeRawPointer?
      var size = 0
      var offset: Int64 = 0
      let result = unsafe archive_read_data_block(decompressor, &start, &size, &offset)
      if result == ARCHIVE_EOF {
        isAtEnd = true
      } else if isFailure(result) {
        streamFailure = unsafe archiveError(decompressor, nil)
        return nil
      } else if size > 0 {
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: size)
        count += Int64(size)
        if let limit = exceeded {
          streamFailure = .limit(limit, path: nil)
          return nil
        }
        unsafe hash?.update(bytes)
        return unsafe bytes
      }
    }
    return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// The bound that the stream has passed.
  private var exceeded: LayerError.Limit? {
    if count > limits.totalBytes { return .totalBytes(limits.totalBytes) }
    guard count > limits.ratioFloor else { return nil }
    let compressed = unsafe max(1, archive_filter_bytes(decompressor, -1))
    return count / compressed > limits.ratio ? .ratio(limits.ratio) : nil
  }

  /// Reads and hashes to the end.
  func drain() {
    while let bytes = unsafe fill(), bytes.count > 0 {}
  }

  /// The digest of what has passed. The stream cannot be read further.
  func finalize() -> [UInt8] {
    let taken = hash.take() ?? SHA256()
    return taken.finalize()
  }
}
