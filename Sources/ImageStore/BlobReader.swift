import ContentHash
import Glibc
import OCIModel

/// Reads one blob from its start to its end, and vouches for it at the end: the call that would
/// return 0 throws if size or digest are not those of the descriptor.
///
/// What was read before that is not verified: keep results back until the end is reached.
package struct BlobReader: ~Copyable, Sendable {
  private let file: OpenFile
  private var hash: SHA256? = SHA256()
  private let digest: Digest
  /// Bytes that the blob must have; nil if only the digest is known.
  private let expectedSize: Int64?
  /// Bytes read so far.
  package private(set) var count: Int64 = 0

  init(file: consuming OpenFile, digest: Digest, size: Int64?) {
    self.file = file
    self.digest = digest
    expectedSize = size
  }

  /// Fills `buffer` from its start.
  /// - Returns: bytes read; 0 at the end of a blob that is what it should be.
  package mutating func read(into buffer: inout [UInt8]) throws(StoreError) -> Int {
    let read = try file.read(into: &buffer)
    count += Int64(read)
    if let expectedSize, count > expectedSize || (read == 0 && count < expectedSize) {
      throw .sizeMismatch(
        digest, expected: expectedSize, actual: max(count, Int64(try file.status().st_size)))
    }
    if read > 0 {
      hash?.update(buffer[..<read])
    } else if let hash = hash.take() {
      let actual = Digest(sha256: hash.finalize())
      guard actual == digest else { throw .digestMismatch(expected: digest, actual: actual) }
    }
    return read
  }

  /// Reads what is left and throws if the blob is not what it should be.
  package mutating func verify() throws(StoreError) {
    var buffer = [UInt8](repeating: 0, count: ioBufferSize)
    while try read(into: &buffer) > 0 {}
  }
}
