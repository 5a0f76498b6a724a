package import FileTree

/// Where the bytes of a blob go, in order.
package protocol BlobSink: ~Copyable {
  /// Takes the next bytes; called from one thread at a time.
  mutating func write(_ bytes: Span<UInt8>) throws(FileError)
}

/// A blob in memory.
package struct MemorySink: BlobSink {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func write(_ bytes: Span<UInt8>) throws(FileError) {
    unsafe bytes.withUnsafeBufferPointer { unsafe self.bytes.append(contentsOf: $0) }
  }
}

/// Counts a blob's bytes and drops them, where only digests are wanted.
package struct DiscardingSink: BlobSink {
  package private(set) var count: Int64 = 0

  package init() {}

  package mutating func write(_ bytes: Span<UInt8>) throws(FileError) {
    count += Int64(bytes.count)
  }
}

/// A blob in a file that is open for writing.
package struct FileSink: BlobSink, ~Copyable {
  private let file: OpenFile
  private var offset: Int64 = 0

  package init(_ file: consuming OpenFile) {
    self.file = file
  }

  package mutating func write(_ bytes: Span<UInt8>) throws(FileError) {
    var failure: FileError?
    unsafe bytes.withUnsafeBytes { buffer in
      do throws(FileError) { try unsafe file.write(buffer, at: offset) } catch { failure = error }
    }
    if let failure { throw failure }
    offset += Int64(bytes.count)
  }

  /// Waits until everything is on the disk.
  package func synchronize() throws(FileError) {
    try file.synchronize()
  }
}

/// Where the bytes of a blob come from, in order.
package protocol BlobSource: ~Copyable {
  /// Fills at most all of `buffer`; 0 means the end.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int
}

/// A blob in memory.
package struct MemorySource: BlobSource {
  private let bytes: [UInt8]
  private var offset = 0

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    let count = min(buffer.count, bytes.count - offset)
    unsafe bytes[offset..<(offset + count)].withUnsafeBytes { unsafe buffer.copyMemory(from: $0) }
    offset += count
    return count
  }
}

/// A blob in a file, from its start.
package struct FileSource: BlobSource, ~Copyable {
  private let file: OpenFile
  private var offset: Int64 = 0

  package init(_ file: consuming OpenFile) {
    self.file = file
  }

  package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    let count = try unsafe file.read(into: buffer, at: offset)
    offset += Int64(count)
    return count
  }
}
