import ContentHash
import Download
import FileTree
import Glibc
import Isolation
import OCIModel

/// A source of ADD that is not on this machine.
enum RemoteSource: Hashable, Sendable {
  case file(RemoteFile)
  case repository(GitReference)

  /// As messages show it.
  var name: String {
    switch self {
    case .file(let file): file.url.withoutCredentials
    case .repository(let reference): reference.remote.withoutCredentials
    }
  }
}

/// A file by its URL.
struct RemoteFile: Hashable, Sendable {
  var url: String
  var checksum: Digest?
  /// Whether it is unpacked if it is an archive.
  var unpacks: Bool
}

extension CopyOperation {
  /// Whether something has to be fetched.
  var hasRemoteSources: Bool {
    sources.contains { if case .remote = $0 { true } else { false } }
  }
}

/// Brings the remote sources of an ADD to this machine.
struct RemoteFetch {
  /// An empty folder of the host.
  let scratch: [UInt8]
  /// The time of what a repository gives.
  let created: Timestamp
  let cancellation: Cancellation?

  /// Something that was fetched.
  struct Fetched {
    var tree: SourceTree
    /// What of the tree is copied.
    var path: [UInt8]
    /// The content's identity: what is equal here is equal in the image. A digest, times and a name, or a commit.
    var identity: [UInt8]
  }

  /// A part of an ADD whose sources are all in one tree; nil is that of the operation.
  struct Part {
    var operation: CopyOperation
    var tree: SourceTree?
  }

  /// Fetches, and takes the operation apart in the order of its sources.
  ///
  /// Throws `.severalSources` for several files that cannot all become the destination.
  func parts(of operation: CopyOperation, into target: StageTree) throws(BuildProblem.Kind) -> [Part] {
    var isFolder = operation.isFolder
    if !isFolder { isFolder = try self.isFolder(operation.destination, in: target) }
    var parts: [Part] = []
    for (number, source) in operation.sources.enumerated() {
      guard case .remote(let remote) = source else {
        if let last = parts.indices.last, parts[last].tree == nil {
          parts[last].operation.sources.append(source)
        } else {
          var part = operation
          part.sources = [source]
          parts.append(Part(operation: part, tree: nil))
        }
        continue
      }
      if case .file = remote, !isFolder, operation.sources.count > 1 {
        throw .severalSources(operation.destination)
      }
      let fetched = try fetch(remote, number: number, needsName: isFolder)
      var part = operation
      part.sources = [.path(Self.literal(fetched.path))]
      part.keepsParents = false
      part.unpacks = false
      if case .file(let file) = remote { part.unpacks = file.unpacks }
      parts.append(Part(operation: part, tree: fetched.tree))
    }
    return parts
  }

  private func isFolder(_ path: BytePath, in target: StageTree) throws(BuildProblem.Kind) -> Bool {
    try onFiles { () throws(FileError) in
      do throws(FileError) {
        let place = try target.root.directory.resolve(path)
        return try target.root.directory.statusIfPresent(place)?.isDirectory == true
      } catch {
        if error.isNotFound { return false }
        throw error
      }
    }
  }

  /// A path in which no character is a wildcard.
  private static func literal(_ path: [UInt8]) -> [UInt8] {
    path.flatMap { byte in
      [UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "\\")].contains(byte)
        ? [UInt8(ascii: "\\"), byte] : [byte]
    }
  }

  /// Fetches one source into a folder of its own.
  /// - Parameter needsName: whether the file keeps its name.
  func fetch(
    _ source: RemoteSource, number: Int, needsName: Bool
  ) throws(BuildProblem.Kind) -> Fetched {
    let name = BytePath("fetched-\(number)")
    let folder = BytePath(scratch).joining(name)
    try onFiles { () throws(FileError) in
      try Directory(opening: BytePath(scratch)).makeDirectory(name)
    }
    switch source {
    case .file(let file): return try fetch(file, to: folder, needsName: needsName)
    case .repository(let reference): return try fetch(reference, to: folder)
    }
  }

  // MARK: Files

  private func fetch(
    _ file: RemoteFile, to path: BytePath, needsName: Bool
  ) throws(BuildProblem.Kind) -> Fetched {
    let root = try onFiles { () throws(FileError) in try SharedDirectory(opening: path) }
    let temporary = BytePath("file")
    let output = try onFiles { () throws(FileError) in
      try root.directory.createFile(temporary, permissions: 0o600)
    }
    var download = Download(file.url)
    download.cancel = cancellation?.descriptor ?? -1
    let answer: Download.Answer
    do throws(DownloadError) {
      answer = try download.run(to: output.fileDescriptor)
    } catch .cancelled {
      throw .isolation(.cancelled)
    } catch {
      throw .download(file.url.withoutCredentials, error)
    }
    let digest = try onFiles { () throws(FileError) in try Self.digest(of: output) }
    if let expected = file.checksum, expected != digest {
      throw .wrongChecksum(file.url.withoutCredentials, expected: expected, actual: digest)
    }
    var name = temporary.bytes
    if needsName {
      guard let found = Download.fileName(ofURL: file.url) ?? answer.name else {
        throw .noFileName(file.url.withoutCredentials)
      }
      name = found
    }
    let modified = Timestamp(seconds: answer.modified ?? 0)
    try onFiles { () throws(FileError) in
      if name != temporary.bytes { try root.directory.rename(temporary, to: BytePath(name)) }
      try root.directory.setModified(BytePath(name), modified)
    }
    return Fetched(
      tree: SourceTree(root: root, isContext: true), path: name,
      identity: Array("\(digest) \(modified.seconds) ".utf8) + name)
  }

  private static func digest(of file: borrowing OpenFile) throws(FileError) -> Digest {
    var hash = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var offset: Int64 = 0
    while true {
      var count = 0
      var failure: FileError?
      unsafe buffer.withUnsafeMutableBytes { bytes in
        do throws(FileError) { count = try unsafe file.read(into: bytes, at: offset) } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      if count == 0 { break }
      hash.update(buffer[..<count])
      offset += Int64(count)
    }
    return Digest(sha256: hash.finalize())
  }

  // MARK: Repositories

  private func fetch(_ reference: GitReference, to path: BytePath) throws(BuildProblem.Kind) -> Fetched {
    let folder = path.joining(BytePath("tree"))
    let checkout = GitCheckout(
      reference, to: folder.description, scratch: path.description, cancel: cancellation?.descriptor ?? -1)
    let commit: GitCheckout.Commit
    do throws(GitError) {
      commit = try checkout.run()
    } catch .cancelled {
      throw .isolation(.cancelled)
    } catch {
      throw .repository(reference.remote.withoutCredentials, error)
    }
    let root = try onFiles { () throws(FileError) in try SharedDirectory(opening: folder) }
    let modified = reference.hasCommitTime ? Timestamp(seconds: commit.time) : created
    try onFiles { () throws(FileError) in try root.directory.normalizeCheckout(modified) }
    var tree = SourceTree(root: root, isContext: true)
    if reference.keepsGitFolder != true {
      do throws(IgnoreFile.SyntaxError) {
        tree.ignore = try IgnoreFile(patterns: ["**/.git"].map { Array($0.utf8) })
      } catch {
        throw .pattern(error.reason)
      }
    }
    return Fetched(tree: tree, path: Array(reference.folder.utf8), identity: Array(commit.name.utf8))
  }
}
