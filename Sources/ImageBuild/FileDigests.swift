import ContentHash
import FileTree
import Glibc
import OCIModel
import Synchronization

/// Digests of files' contents, remembered between builds.
///
/// A file is known again by device, inode, size, modification time and status change time. The last one cannot be
/// set, so that a file that is changed in place is seen even if all the others are put back. A file that was changed
/// less than ``grace`` before it was read is not remembered: another change right after it could carry the same time.
final class FileDigests: Sendable {
  struct Identity: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var modified: Timestamp
    var changed: Timestamp

    init(_ status: FileStatus) {
      device = status.device
      inode = status.inode
      size = status.size
      modified = status.modified
      changed = status.changed
    }

    fileprivate init(_ words: [UInt64]) {
      device = words[0]
      inode = words[1]
      size = Int64(bitPattern: words[2])
      modified = Timestamp(
        seconds: Int64(bitPattern: words[3]), nanoseconds: UInt32(truncatingIfNeeded: words[4]))
      changed = Timestamp(
        seconds: Int64(bitPattern: words[5]), nanoseconds: UInt32(truncatingIfNeeded: words[6]))
    }

    fileprivate var words: [UInt64] {
      [
        device, inode, UInt64(bitPattern: size), UInt64(bitPattern: modified.seconds),
        UInt64(modified.nanoseconds), UInt64(bitPattern: changed.seconds), UInt64(changed.nanoseconds),
      ]
    }

    /// All of it as bytes.
    var bytes: [UInt8] {
      words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) } }
    }
  }

  private struct State {
    var known: [Identity: [UInt8]] = [:]
    var used: Set<Identity> = []
    var hasNew = false
  }

  /// Seconds that a file has to be left alone before its digest is remembered: more than the grain of any file
  /// system's times.
  static let grace: Int64 = 2

  private let state: Mutex<State>

  init(decoding bytes: [UInt8] = []) {
    var state = State()
    state.known = Self.decoded(bytes)
    self.state = Mutex(state)
  }

  /// The SHA-256 of a regular file. `status` is what was found at the path.
  func digest(
    of path: BytePath, _ status: FileStatus, in directory: borrowing Directory
  ) throws(FileError) -> [UInt8] {
    let identity = Identity(status)
    let known = state.withLock { state -> [UInt8]? in
      guard let digest = state.known[identity] else { return nil }
      state.used.insert(identity)
      return digest
    }
    if let known { return known }
    let start = Timestamp.coarseNow
    let file = try directory.openFile(path)
    let digest = try Self.hash(file)
    let after = try file.status()
    if Identity(after) == identity, after.changed.seconds < start.seconds - Self.grace {
      state.withLock { state in
        state.known[identity] = digest
        state.used.insert(identity)
        state.hasNew = true
      }
    }
    return digest
  }

  private static func hash(_ file: borrowing OpenFile) throws(FileError) -> [UInt8] {
    var hash = SHA256()
    var offset: Int64 = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = try read(file, into: &buffer, at: offset)
      if count == 0 { return hash.finalize() }
      hash.update(buffer[..<count])
      offset += Int64(count)
    }
  }

  private static func read(
    _ file: borrowing OpenFile, into buffer: inout [UInt8], at offset: Int64
  ) throws(FileError) -> Int {
    var failure: FileError?
    let count = unsafe buffer.withUnsafeMutableBytes { bytes -> Int in
      do throws(FileError) {
        return try unsafe file.read(into: bytes, at: offset)
      } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
    return count
  }

  // MARK: On the disk

  private static let header = Array("slipway-files 1\n".utf8)
  private static let recordSize = 7 * 8 + SHA256.byteCount

  /// What this build has used; nil if the record on the disk says it all already.
  func encodedIfChanged() -> [UInt8]? {
    state.withLock { state in
      guard state.hasNew else { return nil }
      var bytes = Self.header
      let used = state.used.map { ($0.bytes, state.known[$0] ?? []) }
      for (identity, digest) in used.sorted(by: { $0.0.lexicographicallyPrecedes($1.0) }) {
        bytes += identity + digest
      }
      return bytes + SHA256.hash(bytes)
    }
  }

  /// Reads a record; one that is damaged gives nothing.
  private static func decoded(_ bytes: [UInt8]) -> [Identity: [UInt8]] {
    let end = bytes.count - SHA256.byteCount
    guard end >= header.count, bytes.starts(with: header), (end - header.count) % recordSize == 0,
      SHA256.hash(Array(bytes[..<end])).elementsEqual(bytes[end...])
    else { return [:] }
    var known: [Identity: [UInt8]] = [:]
    for start in stride(from: header.count, to: end, by: recordSize) {
      let words = (0..<7).map { word in
        (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + word * 8 + $1]) << UInt64($1 * 8) }
      }
      known[Identity(words)] = Array(bytes[(start + 56)..<(start + recordSize)])
    }
    return known
  }
}
