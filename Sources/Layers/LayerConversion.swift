import CArchive
import ContentHash
import FileTree
import Glibc
package import OCIModel

/// Compresses a layer anew. Its tar stream, and with it its diff id, stays as it is.
///
/// The blob depends on the stream and the codec only: blocks are cut every ``LayerBlocks/size`` bytes.
package struct LayerConversion: Sendable {
  package var codec: LayerCodec
  /// Threads that compress. The blob does not depend on it.
  package var threads: Int

  package init(to codec: LayerCodec, threads: Int? = nil) {
    self.codec = codec
    self.threads = threads ?? processorCount()
  }

  /// Reads a blob and writes the new one.
  ///
  /// What the sink got is only a blob if this returns; after an error it is to be thrown away.
  /// - Parameter diffID: the digest that the tar stream must have.
  package func convert<Source: BlobSource & ~Copyable, Sink: BlobSink & ~Copyable>(
    _ source: consuming Source, compression: LayerCompression, expecting diffID: Digest, into sink: inout Sink
  ) throws(LayerError) -> WrittenLayer {
    let stream = try DecompressedStream(source, compression, ArchiveLimits())
    let pipeline = try BlockPipeline(codec, threads: threads)
    var output = BlobTally()
    while true {
      let block = try stream.read(LayerBlocks.size)
      if block.isEmpty { break }
      for part in try pipeline.submit(block) { try output.write(part, to: &sink) }
    }
    for part in try pipeline.finish() { try output.write(part, to: &sink) }
    let (actual, count) = stream.finish()
    guard actual == diffID else { throw .wrongDiffID(expected: diffID, actual: actual) }
    let size = output.size
    return WrittenLayer(
      diffID: actual, digest: Digest(sha256: output.hash.finalize()), size: size, uncompressedSize: count,
      mediaType: codec.mediaType)
  }
}

/// What a blob has come to so far.
private struct BlobTally: ~Copyable {
  var hash = SHA256()
  var size: Int64 = 0

  mutating func write<Sink: BlobSink & ~Copyable>(
    _ part: [UInt8], to sink: inout Sink
  ) throws(LayerError) {
    hash.update(part)
    size += Int64(part.count)
    do throws(FileError) {
      try sink.write(part.span)
    } catch {
      throw .file(error)
    }
  }
}

/// The tar stream of a layer, in blocks.
@safe final class DecompressedStream {
  private let archive: OpaquePointer
  private let source: ReadClient
  private let stream: TarStream
  private var rest: UnsafeRawBufferPointer?

  init<Source: BlobSource & ~Copyable>(
    _ source: consuming Source, _ compression: LayerCompression, _ limits: ArchiveLimits
  ) throws(LayerError) {
    guard let archive = unsafe archive_read_new() else {
      throw .archive(path: nil, message: "out of memory")
    }
    unsafe self.archive = archive
    self.source = SourceClient(source)
    unsafe stream = TarStream(archive, limits)
    var steps: [CInt] = []
    switch compression {
    case .none: break
    case .gzip: steps.append(unsafe archive_read_support_filter_gzip(archive))
    case .zstd: steps.append(unsafe archive_read_support_filter_zstd(archive))
    }
    steps.append(unsafe archive_read_support_format_raw(archive))
    steps.append(unsafe archive_read_support_format_empty(archive))
    let client = unsafe Unmanaged.passUnretained(self.source).toOpaque()
    steps.append(unsafe archive_read_open(archive, client, nil, readClientFill, nil))
    if !steps.contains(where: isFailure) {
      var entry: OpaquePointer?
      let result = unsafe archive_read_next_header(archive, &entry)
      stream.isAtEnd = result == ARCHIVE_EOF
      steps.append(result)
    }
    if let failure = self.source.failure { throw .file(failure) }
    if steps.contains(where: isFailure) { throw unsafe archiveError(archive, nil) }
  }

  deinit { unsafe archive_read_free(archive) }

  /// The next bytes: `count`, or fewer at the end.
  func read(_ count: Int) throws(LayerError) -> [UInt8] {
    var block: [UInt8] = []
    block.reserveCapacity(count)
    while block.count < count {
      if unsafe rest == nil || rest?.isEmpty == true {
        unsafe rest = stream.fill()
        if let failure = source.failure { throw .file(failure) }
        if let failure = stream.streamFailure { throw failure }
      }
      guard let bytes = unsafe rest, unsafe !bytes.isEmpty else { break }
      let before = block.count
      let part = unsafe bytes.prefix(count - block.count)
      unsafe block.append(contentsOf: part)
      unsafe rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(block.count - before))
    }
    return block
  }

  /// The digest and size of what was read.
  func finish() -> (diffID: Digest, size: Int64) {
    (Digest(sha256: stream.finalize()), stream.count)
  }
}
