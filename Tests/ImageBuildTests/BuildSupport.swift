import FileTree
import Glibc
import ImageStore
import Isolation
import Layers
import OCIModel
import SourceText
import Synchronization
import TestSupport
import Testing

@testable import ImageBuild

/// A context and a store in a folder of their own.
struct Workshop {
  let folder: String
  let store: OCILayoutStore
  /// How many other stores are open on the same folder.
  var others = 0

  /// Calls `body` with a new workshop, which goes with it.
  static func open<Result>(_ body: (Workshop) throws -> Result) throws -> Result {
    try Files.withTemporaryFolder { folder in
      try Files.createFolder(folder + "/context")
      let store = try OCILayoutStore.open(root: Array("\(folder)/store".utf8))
      return try body(Workshop(folder: folder, store: store))
    }
  }

  static let isRoot = geteuid() == 0
  static let busybox = "/bin/busybox"
  /// RUN needs a static busybox and namespaces.
  static let canRun = Files.exists(busybox) && IsolationProbe.current().userNamespace != nil

  /// Whether this process may make device nodes, which root of a container may not everywhere.
  static let canMakeDevices: Bool =
    (try? Files.withTemporaryFolder { folder in
      unsafe mknod(folder + "/null", S_IFCHR | 0o600, 0x103) == 0
    }) ?? false

  func write(_ path: String, _ text: String = "", mode: UInt32? = nil) throws {
    let file = "\(folder)/context/\(path)"
    try Files.write(Array(text.utf8), to: file)
    if let mode { #expect(unsafe chmod(file, mode) == 0) }
  }

  func link(_ path: String, to target: String) throws {
    #expect(unsafe symlink(target, "\(folder)/context/\(path)") == 0)
  }

  /// A base called busybox, with users and groups.
  func makeBase() throws {
    try Files.write(try Files.read(Self.busybox), to: folder + "/context/busybox")
    #expect(unsafe chmod(folder + "/context/busybox", 0o755) == 0)
    let text = """
      FROM scratch
      COPY busybox /bin/busybox
      COPY <<EOF /etc/passwd
      root:x:0:0:root:/root:/bin/sh
      lp:x:4:7:lp:/var/spool/lpd:/bin/false
      app:x:100:101::/home/app:/bin/sh
      EOF
      COPY <<EOF /etc/group
      root:x:0:
      lp:x:7:
      staff:x:50:app
      EOF
      RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin; mkdir /tmp; chmod 1777 /tmp"]
      """
    let result = try build(text)
    try store.add(result.result.descriptor, names: [ImageReference(parsing: "busybox")])
    _ = unsafe unlink(folder + "/context/busybox")
  }

  /// Builds, and reads the image back.
  func build(
    _ text: String, as identity: BuilderIdentity = Self.isRoot ? .root : .ordinary(nil),
    _ configure: (inout BuildRequest) -> Void = { _ in }
  ) throws -> BuiltImage {
    var request = BuildRequest(
      dockerfile: Source(name: "Dockerfile", text: text), context: BytePath("\(folder)/context"),
      created: Timestamp(seconds: 1_700_000_000))
    request.clampsTimes = true
    let ignore = "\(folder)/context/.dockerignore"
    if Files.exists(ignore) { request.ignore = try IgnoreFile(parsing: Files.read(ignore)) }
    configure(&request)
    let log = Log()
    let builder = Builder(request, store: store, identity: identity)
    let result = try builder.build { log.add($0) }
    let sessions = try Files.names(in: folder + "/store/tmp")
    #expect(sessions.count <= 1 + others)
    if others == 0 {
      for session in sessions { #expect(try Files.names(in: "\(folder)/store/tmp/\(session)").isEmpty) }
    }
    return try BuiltImage(result, store, output: log.text, warnings: log.warnings, verdicts: log.verdicts)
  }

  /// The problem that a build fails with.
  func failure(_ text: String, _ configure: (inout BuildRequest) -> Void = { _ in }) throws -> BuildProblem {
    do {
      _ = try build(text, configure)
    } catch BuildError.step(let problem) {
      return problem
    } catch BuildError.invalid(let problems) {
      return try #require(problems.first)
    }
    throw Unexpected(what: "a build that succeeds")
  }
}

struct Unexpected: Error {
  let what: String
}

/// What a build said.
private final class Log: Sendable {
  private let state = Mutex<(output: [UInt8], warnings: [BuildWarning], verdicts: [CacheVerdict])>(
    ([], [], []))

  var text: String { state.withLock { String(decoding: $0.output, as: UTF8.self) } }
  var warnings: [BuildWarning] { state.withLock { $0.warnings } }

  var verdicts: [CacheVerdict] { state.withLock { $0.verdicts } }

  func add(_ event: BuildEvent) {
    state.withLock { state in
      switch event {
      case .output(_, let chunk): state.output += chunk.bytes
      case .warning(let warning): state.warnings.append(warning)
      case .cacheVerdict(_, let verdict): state.verdicts.append(verdict)
      default: break
      }
    }
  }
}

/// An image as its layers have it.
struct BuiltImage {
  struct Object: Equatable {
    var kind: ArchiveMember.Kind
    var permissions: UInt32
    var owner: Owner
    var modified: Int64
    var attributes: [ExtendedAttribute]
    /// Of files up to 64 KiB.
    var text: String
  }

  let result: BuildResult
  let output: String
  let warnings: [BuildWarning]
  let verdicts: [CacheVerdict]
  /// The names in each layer, in order; `/` at the end of folders.
  private(set) var layers: [[String]] = []
  /// What a container sees, by path.
  private(set) var files: [String: Object] = [:]

  init(
    _ result: BuildResult, _ store: OCILayoutStore, output: String, warnings: [BuildWarning],
    verdicts: [CacheVerdict]
  ) throws {
    self.result = result
    self.output = output
    self.warnings = warnings
    self.verdicts = verdicts
    for (layer, diffID) in zip(result.manifest.layers, result.image.diffIDs) {
      let source = StoreSource(try store.open(layer), failure: StoreSource.FailureBox())
      let archive = try ArchiveReader(source, compression: layer.mediaType.layerCompression)
      try read(archive)
      #expect(try archive.finish().diffID == diffID)
    }
    #expect(result.image.history.filter { !$0.emptyLayer }.count == result.manifest.layers.count)
  }

  private mutating func read(_ archive: ArchiveReader) throws {
    var names: [String] = []
    while let member = try archive.next() {
      let name = member.name.description
      names.append(name)
      let path = name.hasSuffix("/") ? String(name.dropLast()) : name
      let parts = path.split(separator: "/")
      if let last = parts.last, last.hasPrefix(".wh.") {
        let hidden = (parts.dropLast() + [last.dropFirst(4)]).joined(separator: "/")
        files = files.filter { $0.key != hidden && !$0.key.hasPrefix(hidden + "/") }
        continue
      }
      var bytes: [UInt8] = []
      if case .file = member.kind {
        try unsafe archive.readContent { (part, _) throws(LayerError) in
          unsafe bytes.append(contentsOf: part)
        }
      }
      var object = Object(
        kind: member.kind, permissions: member.permissions, owner: member.owner,
        modified: member.modified.seconds, attributes: member.attributes,
        text: bytes.count > 1 << 16 ? "" : String(decoding: bytes, as: UTF8.self))
      if case .hardLink(let target) = member.kind, let first = files[target.description] {
        object.text = first.text
      }
      files[path] = object
    }
    layers.append(names)
  }

  /// A file's content; nil if there is none.
  func text(_ path: String) -> String? { files[path]?.text }
  /// Paths of everything, sorted.
  var paths: [String] { files.keys.sorted() }
}
