import ContentHash
import Download
import FileTree
import Glibc
import Isolation
import OCIModel

/// Brings the remote sources of one ADD to this machine, each once: either because the step's key depends on what it
/// is, or because the step is executed.
final class RemoteSources {
  private let operation: CopyOperation
  /// An empty folder of the host.
  private let scratch: [UInt8]
  /// The time of what a repository gives.
  private let created: Timestamp
  private let cancellation: Cancellation?
  /// By the place in the operation.
  private var fetched: [Int: Fetched] = [:]
  private var commits: [Int: String] = [:]

  init(_ operation: CopyOperation, scratch: [UInt8], created: Timestamp, cancellation: Cancellation?) {
    self.operation = operation
    self.scratch = scratch
    self.created = created
    self.cancellation = cancellation
  }

  /// Something that was fetched.
  private struct Fetched {
    var tree: SourceTree
    /// What of the tree is copied.
    var path: [UInt8]
    /// What a file is called, by its URL or its server.
    var name: [UInt8]?
    /// What is equal here is equal in the image.
    var identity: [UInt8]
    /// When it was changed, in seconds since 1970: the commit's time, or what the server says.
    var modified: Int64?
  }

  /// A part of an ADD whose sources are all in one tree; nil is that of the operation.
  struct Part {
    var operation: CopyOperation
    var tree: SourceTree?
  }

  private var descriptor: CInt { cancellation?.descriptor ?? -1 }

  // MARK: What decides

  /// What the remote sources are, as ingredients of a key. It fetches as little as tells it: nothing for a file whose
  /// checksum is known, the name of the commit of a repository, and other files.
  func ingredients() throws(BuildProblem.Kind) -> [CacheIngredient] {
    var items: [CacheIngredient] = []
    for (number, source) in operation.sources.enumerated() {
      guard case .remote(let remote) = source else { continue }
      items.append(CacheIngredient(.instruction, "source \(number + 1)", remote.options))
      items.append(CacheIngredient(.remote, remote.name.utf8, try identity(of: remote, number)))
    }
    return items
  }

  private func identity(of source: RemoteSource, _ number: Int) throws(BuildProblem.Kind) -> [UInt8] {
    if let identity = fetched[number]?.identity { return identity }
    switch source {
    case .file(let file):
      if let checksum = file.checksum, let name = Download.fileName(ofURL: file.url) {
        return Self.identity(checksum, modified: nil, name: name)
      }
      return try fetch(source, number).identity
    case .repository(let reference):
      if let commit = commits[number] { return Array(commit.utf8) }
      let checkout = checkout(reference, in: try folder(number))
      let commit = try onGit(reference) { () throws(GitError) in try checkout.commit() }
      commits[number] = commit
      return Array(commit.utf8)
    }
  }

  private static func identity(_ digest: Digest, modified: Timestamp?, name: [UInt8]?) -> [UInt8] {
    Array("\(digest) \(modified.map { "\($0.seconds)" } ?? "") ".utf8) + (name ?? [])
  }

  // MARK: Fetching

  /// Fetches what has not been fetched, and takes the operation apart in the order of its sources.
  ///
  /// Throws `.severalSources` for several files that cannot all become the destination.
  func parts(into target: StageTree) throws(BuildProblem.Kind) -> [Part] {
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
      var fetched = try fetch(remote, number)
      if case .file(let file) = remote, isFolder { try rename(&fetched, file) }
      var part = operation
      part.sources = [.path(Self.literal(fetched.path))]
      part.keepsParents = false
      part.unpacks = false
      if case .file(let file) = remote { part.unpacks = file.unpacks }
      parts.append(Part(operation: part, tree: fetched.tree))
    }
    return parts
  }

  /// When the only source was changed, in seconds since 1970: by the commit, the server, or the latest file of an
  /// archive; nil if nothing tells.
  func seconds() throws(BuildProblem.Kind) -> Int64? {
    guard case .remote(let source)? = operation.sources.first else { return nil }
    let fetched = try fetch(source, 0)
    guard fetched.modified == nil, case .file = source else { return fetched.modified }
    let file = try onFiles { () throws(FileError) in
      try fetched.tree.root.directory.openFile(BytePath(fetched.path))
    }
    return ContextInput.latestFile(inArchive: file.fileDescriptor)
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

  private func fetch(_ source: RemoteSource, _ number: Int) throws(BuildProblem.Kind) -> Fetched {
    if let found = fetched[number] { return found }
    let made: Fetched
    switch source {
    case .file(let file): made = try fetch(file, to: folder(number))
    case .repository(let reference): made = try fetch(reference, to: folder(number))
    }
    fetched[number] = made
    return made
  }

  /// A folder for one source.
  private func folder(_ number: Int) throws(BuildProblem.Kind) -> BytePath {
    let name = BytePath("fetched-\(number)")
    return try onFiles { () throws(FileError) in
      let directory = try Directory(opening: BytePath(scratch))
      if try directory.statusIfPresent(name) == nil { try directory.makeDirectory(name) }
      return BytePath(scratch).joining(name)
    }
  }

  // MARK: Files

  /// The name of a file until it is known whether it keeps its own.
  private static let temporary = BytePath("file")

  private func fetch(_ file: RemoteFile, to path: BytePath) throws(BuildProblem.Kind) -> Fetched {
    let root = try onFiles { () throws(FileError) in try SharedDirectory(opening: path) }
    let output = try onFiles { () throws(FileError) in
      try root.directory.createFile(Self.temporary, permissions: 0o600)
    }
    var download = Download(file.url)
    download.cancel = descriptor
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
    let modified = Timestamp(seconds: answer.modified ?? 0)
    try onFiles { () throws(FileError) in try root.directory.setModified(Self.temporary, modified) }
    let ownName = Download.fileName(ofURL: file.url)
    let name = ownName ?? answer.name
    // The same as without having fetched it.
    let isKnown = file.checksum != nil && ownName != nil
    return Fetched(
      tree: SourceTree(root: root, isContext: true), path: Self.temporary.bytes, name: name,
      identity: Self.identity(digest, modified: isKnown ? nil : modified, name: name),
      modified: answer.modified)
  }

  /// Gives a file its own name.
  private func rename(_ fetched: inout Fetched, _ file: RemoteFile) throws(BuildProblem.Kind) {
    guard let name = fetched.name else { throw .noFileName(file.url.withoutCredentials) }
    let root = fetched.tree.root
    try onFiles { () throws(FileError) in
      if name != Self.temporary.bytes { try root.directory.rename(Self.temporary, to: BytePath(name)) }
    }
    fetched.path = name
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
    let checkout = checkout(reference, in: path)
    let commit = try onGit(reference) { () throws(GitError) in try checkout.run() }
    let root = try onFiles { () throws(FileError) in
      try SharedDirectory(opening: BytePath(Array(checkout.folder.utf8)))
    }
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
    return Fetched(
      tree: tree, path: Array(reference.folder.utf8), identity: Array(commit.name.utf8), modified: commit.time
    )
  }

  private func checkout(_ reference: GitReference, in path: BytePath) -> GitCheckout {
    GitCheckout(
      reference, to: path.joining(BytePath("tree")).description, scratch: path.description,
      cancel: descriptor)
  }

  private func onGit<Value>(
    _ reference: GitReference, _ body: () throws(GitError) -> Value
  ) throws(BuildProblem.Kind) -> Value {
    do throws(GitError) {
      return try body()
    } catch .cancelled {
      throw .isolation(.cancelled)
    } catch {
      throw .repository(reference.remote.withoutCredentials, error)
    }
  }
}
