package import Download
package import FileTree
import Glibc
package import ImageStore
package import Layers

/// Why there is no context.
package enum ContextError: Error, Hashable, Sendable {
  case store(StoreError)
  case file(FileError)
  case layer(LayerError)
  /// What became of a repository.
  case git(String, GitError)
  /// The repository has no such folder.
  case noFolder(String)
  /// What became of a URL.
  case download(String, DownloadError)
  case cancelled
}

/// An input that is a build context or a Dockerfile: standard input, or a file.
package struct ContextInput {
  private let descriptor: CInt
  private var head: [UInt8]

  /// Reads the beginning.
  /// - Parameter descriptor: stays the caller's.
  package init(_ descriptor: CInt) throws(ContextError) {
    self.descriptor = descriptor
    head = []
    while head.count < 512 {
      let part = try Self.read(descriptor, 512 - head.count)
      if part.isEmpty { break }
      head += part
    }
  }

  private static func read(_ descriptor: CInt, _ count: Int) throws(ContextError) -> [UInt8] {
    var code: CInt = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let (result, error) = unsafe readSome(descriptor, UnsafeMutableRawBufferPointer(buffer))
      code = error
      initialized = result
    }
    if code != 0 { throw .file(FileError(.read, BytePath(), code)) }
    return bytes
  }

  /// Whether the input is a tar, by its first bytes: the checksum of the header, or the mark of a compression.
  package var isArchive: Bool {
    let marks: [[UInt8]] = [
      [0x1F, 0x8B], [0x28, 0xB5, 0x2F, 0xFD], [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], [0x42, 0x5A, 0x68],
    ]
    if marks.contains(where: { head.starts(with: $0) }) { return true }
    guard head.count == 512 else { return false }
    // POSIX, pax: the sum of all bytes of the header, with blanks in place of the sum itself, in octal.
    let digits = head[148..<156].drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
    guard !digits.isEmpty else { return false }
    let stated = digits.reduce(0) { $0 << 3 | Int($1 & 7) }
    let sum = head.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element)) }
    return sum == stated && head[0] != 0
  }

  /// The whole input, for one that is a Dockerfile.
  package func text(limit: Int) throws(ContextError) -> [UInt8] {
    var bytes = head
    while true {
      let part = try Self.read(descriptor, 1 << 16)
      if part.isEmpty { return bytes }
      bytes += part
      guard bytes.count <= limit else { throw .file(FileError(.read, BytePath(), EFBIG)) }
    }
  }

  /// The latest time of a regular file in an archive, in seconds since 1970; nil for what is no archive to its end, or
  /// has no file.
  /// - Parameter descriptor: stands at the archive's beginning, and stays the caller's.
  static func latestFile(inArchive descriptor: CInt) -> Int64? {
    var latest: Int64?
    do throws(LayerError) {
      let archive = try ArchiveReader(InputSource(descriptor: descriptor, head: []), compression: nil)
      while let member = try archive.next() {
        guard case .file = member.kind else { continue }
        latest = max(latest ?? member.modified.seconds, member.modified.seconds)
      }
    } catch {
      // Whoever unpacks it says what is wrong; as a file it is in order.
      return nil
    }
    return latest
  }

  /// Unpacks the archive into a folder of the store: modes and times as they are, all files the caller's.
  /// - Returns: the folder's absolute path.
  package func unpack(
    _ store: OCILayoutStore, limits: ArchiveLimits = ArchiveLimits()
  ) throws(ContextError) -> BytePath {
    let folder = try store.makeContextFolder()
    let source = InputSource(descriptor: descriptor, head: head)
    var options = ExtractOptions()
    options.owner = Owner(uid: geteuid(), gid: getegid())
    options.whiteouts = .reject
    options.limits = limits
    let root: SharedDirectory
    do throws(FileError) {
      root = try SharedDirectory(opening: folder)
    } catch {
      throw .file(error)
    }
    var extractor = Extractor(root, options: options, placement: Placement(owners: nil))
    do throws(LayerError) {
      _ = try extractor.apply(ArchiveReader(source, compression: nil, limits: limits))
    } catch {
      throw .layer(error)
    }
    return folder
  }
}

extension OCILayoutStore {
  /// An empty folder that goes with the store.
  package func makeContextFolder() throws(ContextError) -> BytePath {
    do throws(StoreError) {
      return BytePath(try makeTemporaryFolder())
    } catch {
      throw .store(error)
    }
  }
}

/// A descriptor whose first bytes have been read.
private struct InputSource: BlobSource {
  let descriptor: CInt
  var head: [UInt8]

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    if !head.isEmpty {
      let count = min(head.count, buffer.count)
      unsafe buffer.copyBytes(from: head[..<count])
      head.removeFirst(count)
      return count
    }
    let (count, code) = unsafe readSome(descriptor, buffer)
    if code != 0 { throw FileError(.read, BytePath(), code) }
    return count
  }
}

private func readSome(
  _ descriptor: CInt, _ buffer: UnsafeMutableRawBufferPointer
) -> (count: Int, code: CInt) {
  while true {
    let count = unsafe read(descriptor, buffer.baseAddress, buffer.count)
    if count >= 0 { return (count, 0) }
    if errno != EINTR { return (0, errno) }
  }
}
