import ArgumentParser
import Download
import FileTree
import Glibc
import ImageBuild
import ImageStore
import Isolation
import Layers
import OCIModel
import SourceText

/// What a build reads: the Dockerfile, the context, and what of it is left out.
struct BuildInputs {
  var dockerfile: Source
  var folder: BytePath
  var ignore = IgnoreFile()
  var origin = Origin.context
  /// When the files of the context were changed.
  var time = ContextTime.unknown

  /// Where the Dockerfile comes from.
  enum Origin {
    case standardInput
    /// A path as the user reaches it.
    case file(String)
    /// A path in a context that was brought here.
    case context
  }
}

/// Finds out what the context of a build is, and brings it here.
struct BuildInputReader {
  /// The context as it was written.
  let context: String
  /// The value of `-f`.
  let file: String?
  /// Whether the `.git` of a repository stays: docker's BUILDKIT_CONTEXT_KEEP_GIT_DIR.
  var keepsRepository = false
  /// Whether the files of a repository have the time of the commit: where the time of the build is given.
  var hasCommitTime = false
  let store: OCILayoutStore
  let cancellation: Cancellation
  /// How much a tar may hold.
  let limits: ArchiveLimits

  /// Bytes that a Dockerfile may have.
  private static let limit = 64 << 20

  func read() throws -> BuildInputs {
    switch try place() {
    case .folder(let path): return try local(path)
    case .unpacked(let folder, let time):
      var inputs = try remote(folder)
      inputs.time = time
      return inputs
    case .dockerfile(let source):
      return BuildInputs(
        dockerfile: source,
        folder: try onContext { () throws(ContextError) in try store.makeContextFolder() },
        origin: .standardInput)
    case .download(let source, let folder, let time):
      return BuildInputs(dockerfile: source, folder: folder, time: time)
    }
  }

  private enum Place {
    case folder(String)
    /// A folder of ours.
    case unpacked(BytePath, ContextTime)
    /// A Dockerfile and no files.
    case dockerfile(Source)
    /// A Dockerfile that a URL names, and the folder in which it is the only file.
    case download(Source, BytePath, ContextTime)
  }

  private func place() throws -> Place {
    if context == "-" {
      if file == "-" {
        throw Failure("standard input cannot be both the context and the Dockerfile", status: Exit.unable)
      }
      let input = try onContext { () throws(ContextError) in try ContextInput(STDIN_FILENO) }
      if input.isArchive { return try unpacked(input) }
      return .dockerfile(
        Source(
          name: "-", bytes: try onContext { () throws(ContextError) in try input.text(limit: Self.limit) }))
    }
    if let place = try repository() { return place }
    if context.hasPrefix("http://") || context.hasPrefix("https://") { return try download() }
    return try archive(context) ?? .folder(context)
  }

  private func repository() throws -> Place? {
    let reference: GitReference?
    do throws(GitReference.Failure) {
      reference = try GitReference(parsing: context, isContext: true)
    } catch {
      throw Failure(remoteSentence(.gitReference(context.withoutCredentials, error)), status: Exit.unable)
    }
    guard let reference else { return nil }
    let (folder, time) = try onContext { () throws(ContextError) in
      try reference.checkOut(
        store, keepsRepository: keepsRepository, hasCommitTime: hasCommitTime, cancel: cancellation.descriptor
      )
    }
    return .unpacked(folder, .known(time))
  }

  /// As BuildKit has it: an archive is the context; a text is the Dockerfile, and the only file of its context.
  private func download() throws -> Place {
    let download = try onContext { () throws(ContextError) in
      try ContextDownload.get(context, store, cancel: cancellation.descriptor)
    }
    let input = try onContext { () throws(ContextError) in try download.input() }
    let time = download.modified.map { ContextTime.known($0) }
    if input.isArchive { return try unpacked(input, time) }
    let text = try onContext { () throws(ContextError) in try input.text(limit: Self.limit) }
    let source = file == "-" ? try readSource("-") : Source(name: ContextDownload.name, bytes: text)
    return .download(source, download.folder, time ?? .unknown)
  }

  /// Unpacks a tar file; nil for a folder.
  private func archive(_ path: String) throws -> Place? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw InputError(path: path, reason: errorText(errno)) }
    if status.st_mode & S_IFMT == S_IFDIR { return nil }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw InputError(path: path, reason: errorText(errno)) }
    defer { close(descriptor) }
    let input = try onContext { () throws(ContextError) in try ContextInput(descriptor) }
    guard input.isArchive else {
      throw InputError(path: path, reason: "is neither a folder nor a tar, and a context must be one")
    }
    return try unpacked(input)
  }

  /// - Parameter time: when the archive was changed; nil if only its files tell.
  private func unpacked(_ input: ContextInput, _ time: ContextTime? = nil) throws -> Place {
    let folder = try onContext { () throws(ContextError) in try input.unpack(store, limits: limits) }
    return .unpacked(folder, time ?? .latestFile(folder))
  }

  private func failure(_ error: ContextError) -> any Error {
    switch error {
    case .cancelled:
      writeAll(STDERR_FILENO, Array("slipway: interrupted\n".utf8))
      return ExitCode(128 + Interruption.signalNumber)
    case .git(let url, let error):
      return Failure(remoteSentence(.repository(url, error)), status: Exit.unable)
    case .download(let url, let error):
      return Failure(remoteSentence(.download(url, error)), status: Exit.unable)
    default:
      return Failure(
        "the context \(context.withoutCredentials): \(contextSentence(error))", status: Exit.unable)
    }
  }

  private func onContext<Value: ~Copyable>(_ body: () throws(ContextError) -> Value) throws -> Value {
    do throws(ContextError) {
      return try body()
    } catch {
      throw failure(error)
    }
  }

  // MARK: A folder

  private func local(_ path: String) throws -> BuildInputs {
    let base = path.hasSuffix("/") ? path : path + "/"
    let name = file ?? base + (Self.firstFile(in: base, Self.usualNames) ?? "Dockerfile")
    var inputs = BuildInputs(
      dockerfile: try readSource(name), folder: BytePath(absolute(Array(path.utf8))),
      origin: name == "-" ? .standardInput : .file(name))
    let candidates = Self.ignoreFiles(of: name == "-" ? nil : name, in: base)
    if let found = candidates.first(where: { unsafe access($0, F_OK) == 0 }) {
      inputs.ignore = try Self.ignore(try readSource(found))
    }
    return inputs
  }

  /// What a Dockerfile is called that nobody names, the first that is there.
  private static let usualNames = ["Dockerfile", "dockerfile", "Containerfile"]

  private static func firstFile(in base: String, _ names: [String]) -> String? {
    names.first { unsafe access(base + $0, F_OK) == 0 }
  }

  /// Where patterns are looked for; the first file counts, and it alone. docker's and podman's order in one.
  private static func ignoreFiles(of dockerfile: String?, in base: String) -> [String] {
    (dockerfile.map { [$0 + ".containerignore", $0 + ".dockerignore"] } ?? [])
      + [base + ".containerignore", base + ".dockerignore"]
  }

  private static func ignore(_ source: Source) throws -> IgnoreFile {
    do throws(IgnoreFile.SyntaxError) {
      return try IgnoreFile(parsing: source.bytes)
    } catch {
      throw Failure("\(source.name):\(error.line): \(patternSentence(error.reason))")
    }
  }

  // MARK: What came from elsewhere

  /// Here `-f` is a path inside the context, and nothing leads out of it.
  private func remote(_ folder: BytePath) throws -> BuildInputs {
    let root: SharedDirectory
    do throws(FileError) {
      root = try SharedDirectory(opening: folder)
    } catch {
      throw Failure("the context: \(fileSentence(error))", status: Exit.unable)
    }
    func source(_ name: String) throws -> Source? {
      do throws(FileError) {
        let bytes = try root.directory.readFile(
          BytePath(name).clampedToRoot, followingLink: true, limit: Self.limit)
        return Source(name: name, bytes: bytes)
      } catch {
        if error.isNotFound { return nil }
        throw Failure("the context: \(fileSentence(error))", status: Exit.unable)
      }
    }
    let dockerfile: Source
    if file == "-" {
      dockerfile = try readSource("-")
    } else {
      let names = file.map { [$0] } ?? Self.usualNames
      guard let found = try names.lazy.compactMap({ try source($0) }).first else {
        throw Failure("the context \(context) has no \(names[0])", status: Exit.unable)
      }
      dockerfile = found
    }
    var inputs = BuildInputs(
      dockerfile: dockerfile, folder: folder, origin: file == "-" ? .standardInput : .context)
    for name in Self.ignoreFiles(of: file == "-" ? nil : dockerfile.name, in: "") {
      guard let patterns = try source(name) else { continue }
      inputs.ignore = try Self.ignore(patterns)
      break
    }
    return inputs
  }
}

extension BuildInputReader {
  /// Reads what stands behind `--build-context`: `NAME=FOLDER`, an image, a layout, a tar or a git repository.
  static func namedContext(
    _ text: String, _ store: OCILayoutStore, _ cancellation: Cancellation, _ limits: ArchiveLimits
  ) throws -> NamedContext {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw Failure("--build-context \(text): write NAME=FOLDER or the like", status: Exit.unable)
    }
    let name = String(text[..<equals])
    let value = String(text[text.index(after: equals)...])
    let image = "docker-image://"
    if value.hasPrefix(image) {
      return NamedContext(name: name, kind: .image(String(value.dropFirst(image.count))))
    }
    for scheme in ["oci-layout://", "oci-archive:", "docker-archive:"] where value.hasPrefix(scheme) {
      return NamedContext(name: name, kind: .image(value))
    }
    if value == "-" || value.hasPrefix("target:") {
      throw Failure("--build-context \(text): `\(value)` is not supported", status: Exit.unable)
    }
    let reader = BuildInputReader(
      context: value, file: nil, store: store, cancellation: cancellation, limits: limits)
    switch try reader.place() {
    case .dockerfile:
      throw Failure("--build-context \(text): that is no folder", status: Exit.unable)
    case .unpacked(let folder, let time), .download(_, let folder, let time):
      return NamedContext(name: name, kind: .folder(folder, IgnoreFile()), time: time)
    case .folder(let path):
      let base = path.hasSuffix("/") ? path : path + "/"
      var ignore = IgnoreFile()
      if let found = ignoreFiles(of: nil, in: base).first(where: { unsafe access($0, F_OK) == 0 }) {
        ignore = try Self.ignore(try readSource(found))
      }
      return NamedContext(name: name, kind: .folder(BytePath(absolute(Array(path.utf8))), ignore))
    }
  }
}

/// Why there is no context.
func contextSentence(_ error: ContextError) -> String {
  switch error {
  case .store(let error): storeSentence(error)
  case .file(let error): error.path.isEmpty ? errorText(error.code) : fileSentence(error)
  case .layer(let error): layerSentence(error)
  case .noFolder(let name): "the repository has no folder `\(name)`"
  case .git(let url, let error): remoteSentence(.repository(url, error)).message
  case .download(let url, let error): remoteSentence(.download(url, error)).message
  case .cancelled: "interrupted"
  }
}
