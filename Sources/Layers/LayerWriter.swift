import ContentHash
import FileTree
import Glibc
package import OCIModel

/// A layer that was written.
package struct WrittenLayer: Hashable, Sendable {
  /// The digest of the tar stream (OCI image-spec, config.md, "DiffID").
  package var diffID: Digest
  /// The digest of the blob.
  package var digest: Digest
  /// Bytes of the blob.
  package var size: Int64
  /// Bytes of the tar stream.
  package var uncompressedSize: Int64
  package var mediaType: MediaType
}

/// Writes a layer in one pass: members and their content → tar → diff id → compressed blocks →
/// digest → sink.
package struct LayerWriter: Sendable {
  package var codec: LayerCodec
  /// Threads that compress. The blob does not depend on it.
  package var threads: Int
  /// Modification times after this one become this one (reproducible-builds.org,
  /// `SOURCE_DATE_EPOCH`); seconds since the epoch.
  package var latestModified: Int64?
  package var form = ArchiveForm.layer

  package init(codec: LayerCodec = .gzip, threads: Int? = nil, latestModified: Int64? = nil) {
    self.codec = codec
    self.threads = threads ?? processorCount()
    self.latestModified = latestModified
  }

  /// Writes the members, which must be in tree order and each have a path of its own.
  ///
  /// What the sink got is only a blob if this returns; after an error it is to be thrown away.
  package func write<Sink: BlobSink & ~Copyable>(
    _ entries: some Sequence<LayerEntry>, into sink: inout Sink
  ) throws(LayerError) -> WrittenLayer {
    var run = LayerRun(
      tar: try TarWriter(form), pipeline: try BlockPipeline(codec, threads: threads),
      isCompressed: codec != .none)
    var previous: LayerEntry?
    for entry in entries {
      try check(entry, after: previous)
      try run.append(entry, modified: min(entry.modified, latestModified ?? .max), &sink)
      previous = entry
    }
    return try run.finish(codec.mediaType, &sink)
  }

  private func check(_ entry: LayerEntry, after previous: LayerEntry?) throws(LayerError) {
    let path = entry.path
    var isOpaque = false
    if case .opaque = entry.kind { isOpaque = true }
    guard path.isCanonical, !path.isEmpty || isOpaque, !path.bytes.contains(0) else {
      throw .invalidPath(path)
    }
    if form == .layer, Whiteout.isReserved(path) { throw .reservedName(path: path) }
    switch entry.kind {
    case .symbolicLink(let target):
      if target.bytes.contains(0) { throw .invalidPath(target) }
    case .hardLink(let target):
      guard target.isCanonical, !target.isEmpty, !target.bytes.contains(0) else { throw .invalidPath(target) }
    default: break
    }
    guard let previous else { return }
    // An opaque mark has the path of its folder, and comes right behind it.
    let inOrder =
      previous.path.precedes(path) || (isOpaque && previous.path == path && previous.kind.isDirectory)
    if !inOrder { throw .unsorted(path: path) }
  }
}

extension LayerEntry.Kind {
  fileprivate var isDirectory: Bool {
    if case .directory = self { return true }
    return false
  }
}

/// The state of writing one layer.
private struct LayerRun: ~Copyable {
  let tar: TarWriter
  let pipeline: BlockPipeline
  /// Without compression the blob is the tar stream, and is hashed once.
  let isCompressed: Bool
  var diffHash = SHA256()
  var blobHash = SHA256()
  var tarSize: Int64 = 0
  var blobSize: Int64 = 0
  var afterLargeFile = false
  var buffer: [UInt8] = []

  init(tar: TarWriter, pipeline: BlockPipeline, isCompressed: Bool) {
    self.tar = tar
    self.pipeline = pipeline
    self.isCompressed = isCompressed
  }

  mutating func append<Sink: BlobSink & ~Copyable>(
    _ entry: LayerEntry, modified: Int64, _ sink: inout Sink
  ) throws(LayerError) {
    let count = tar.output.bytes.count
    if LayerBlocks.endsBefore(entry, count: count, afterLargeFile: afterLargeFile) { try cut(&sink) }
    afterLargeFile = LayerBlocks.isLarge(entry)
    guard case .file(let size, let content) = entry.kind else {
      try tar.begin(entry, modified: modified)
      try cutIfFull(&sink)
      return
    }
    switch content {
    case .bytes(let bytes):
      guard Int64(bytes.count) == size else {
        throw .sizeChanged(path: entry.path, expected: size, actual: Int64(bytes.count))
      }
      try tar.begin(entry, modified: modified)
      var rest = bytes[...]
      while !rest.isEmpty {
        let part = rest.prefix(room)
        try writeTar(part, entry.path)
        rest = rest.dropFirst(part.count)
        try cutIfFull(&sink)
      }
    case .file(let folder, let path):
      let file = try Self.open(folder, path, entry, size)
      try tar.begin(entry, modified: modified)
      try append(file, size, entry.path, &sink)
    }
    try tar.end(entry.path)
    try cutIfFull(&sink)
  }

  /// Bytes to read so that the block is full exactly.
  private var room: Int { max(4096, LayerBlocks.size - tar.output.bytes.count) }

  private static func open(
    _ folder: SharedDirectory, _ path: BytePath, _ entry: LayerEntry, _ size: Int64
  ) throws(LayerError) -> OpenFile {
    do {
      let file = try folder.directory.openFile(path)
      let actual = try file.status().size
      if actual != size { throw LayerError.sizeChanged(path: entry.path, expected: size, actual: actual) }
      return file
    } catch let error as FileError {
      throw .file(error)
    } catch let error as LayerError {
      throw error
    } catch {
      throw .archive(path: entry.path, message: "\(error)")
    }
  }

  /// Copies exactly `size` bytes, and looks whether the file ends there.
  private mutating func append<Sink: BlobSink & ~Copyable>(
    _ file: borrowing OpenFile, _ size: Int64, _ path: BytePath, _ sink: inout Sink
  ) throws(LayerError) {
    var offset: Int64 = 0
    while offset < size {
      let count = try read(file, at: offset, Int(min(Int64(room), size - offset)))
      guard count > 0 else { throw .sizeChanged(path: path, expected: size, actual: offset) }
      try writeTar(buffer[..<count], path)
      offset += Int64(count)
      try cutIfFull(&sink)
    }
    if size > 0, try read(file, at: size, 1) > 0 {
      let actual = try onFile { () throws(FileError) in try file.status().size }
      throw .sizeChanged(path: path, expected: size, actual: max(actual, size + 1))
    }
  }

  private mutating func read(
    _ file: borrowing OpenFile, at offset: Int64, _ limit: Int
  ) throws(LayerError) -> Int {
    if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: LayerBlocks.size) }
    var result = 0
    var failure: FileError?
    unsafe buffer.withUnsafeMutableBytes { whole in
      do throws(FileError) {
        let part = unsafe UnsafeMutableRawBufferPointer(rebasing: whole[..<min(limit, whole.count)])
        result = try unsafe file.read(into: part, at: offset)
      } catch {
        failure = error
      }
    }
    if let failure { throw .file(failure) }
    return result
  }

  private func writeTar(_ bytes: ArraySlice<UInt8>, _ path: BytePath) throws(LayerError) {
    var failure: LayerError?
    unsafe bytes.withUnsafeBytes { part in
      do throws(LayerError) { try unsafe tar.write(part, path) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private mutating func cutIfFull<Sink: BlobSink & ~Copyable>(_ sink: inout Sink) throws(LayerError) {
    if tar.output.bytes.count >= LayerBlocks.size { try cut(&sink) }
  }

  private mutating func cut<Sink: BlobSink & ~Copyable>(_ sink: inout Sink) throws(LayerError) {
    let block = tar.output.take()
    diffHash.update(block)
    tarSize += Int64(block.count)
    for part in try pipeline.submit(block) { try emit(part, &sink) }
  }

  private mutating func emit<Sink: BlobSink & ~Copyable>(
    _ part: [UInt8], _ sink: inout Sink
  ) throws(LayerError) {
    if isCompressed { blobHash.update(part) }
    blobSize += Int64(part.count)
    do {
      try sink.write(part.span)
    } catch {
      throw .file(error)
    }
  }

  consuming func finish<Sink: BlobSink & ~Copyable>(
    _ mediaType: MediaType, _ sink: inout Sink
  ) throws(LayerError) -> WrittenLayer {
    try tar.finish()
    try cut(&sink)
    for part in try pipeline.finish() { try emit(part, &sink) }
    let diffID = Digest(sha256: diffHash.finalize())
    let digest = isCompressed ? Digest(sha256: blobHash.finalize()) : diffID
    return WrittenLayer(
      diffID: diffID, digest: digest, size: blobSize, uncompressedSize: tarSize, mediaType: mediaType)
  }
}

/// Runs a step on files inside a layer's work.
func onFile<Result>(_ body: () throws(FileError) -> Result) throws(LayerError) -> Result {
  do {
    return try body()
  } catch {
    throw .file(error)
  }
}
