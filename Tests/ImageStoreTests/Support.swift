import Glibc
import OCIModel

@testable import ImageStore

/// A folder that goes with the test.
final class Scratch: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/slipway-test-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.map { unsafe mkdtemp($0) != nil } ?? false
    }
    guard made else { throw ToolFailure(command: ["mkdtemp"], status: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { _ = try? run(["rm", "-rf", path]) }

  func at(_ name: String) -> [UInt8] { Array("\(path)/\(name)".utf8) }
  func name(_ name: String) -> String { "\(path)/\(name)" }
  func store(_ name: String = "store") throws -> OCILayoutStore { try OCILayoutStore.open(root: at(name)) }

  func read(_ name: String) throws -> [UInt8] {
    try Folder.open(path: Array(path.utf8)).open(name).readAll(limit: 1 << 24)
  }

  func write(_ name: String, _ content: [UInt8]) throws {
    try Folder.open(path: Array(path.utf8)).writeAtomically(name) { file throws(StoreError) in
      try file.write(content)
    }
  }

  func move(_ from: String, _ to: String) throws {
    guard unsafe rename(from, to) == 0 else {
      throw ToolFailure(command: ["rename", from, to], status: errno)
    }
  }

  /// Writes a tar with these members.
  func tar(_ name: String, _ members: [(String, [UInt8])]) throws {
    try Folder.open(path: Array(path.utf8)).writeAtomically(name) { file throws(StoreError) in
      var archive = try ArchiveWriter.open(descriptor: file.descriptor, path: [])
      for (name, content) in members { try archive.addFile(name, content: content) }
      try archive.finish()
    }
  }
}

struct ToolFailure: Error {
  let command: [String]
  let status: CInt
}

/// Runs a program that is looked up in PATH.
/// - Parameter output: the file that takes its standard output.
@discardableResult
func run(_ command: [String], output: String = "/dev/null") throws -> CInt {
  var arguments: [UnsafeMutablePointer<CChar>?] = unsafe command.map { unsafe strdup($0) }
  defer { unsafe arguments.forEach { unsafe free($0) } }
  unsafe arguments.append(nil)
  var actions = unsafe posix_spawn_file_actions_t()
  unsafe posix_spawn_file_actions_init(&actions)
  defer { unsafe posix_spawn_file_actions_destroy(&actions) }
  unsafe posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  var pid: pid_t = 0
  let failure = unsafe posix_spawnp(&pid, command[0], &actions, nil, arguments, environ)
  guard failure == 0 else { throw ToolFailure(command: command, status: failure) }
  var status: CInt = 0
  while unsafe waitpid(pid, &status, 0) < 0 && errno == EINTR {}
  guard status == 0 else { throw ToolFailure(command: command, status: status) }
  return status
}

func hasTool(_ name: String) -> Bool {
  ["/usr/bin/", "/usr/local/bin/", "/bin/"].contains { unsafe access($0 + name, X_OK) == 0 }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// A tiny image with one layer for each text.
struct TinyImage {
  let descriptor: Descriptor
  let manifest: ImageManifest
  let config: ImageConfig
  let layers: [[UInt8]]

  init(
    in store: OCILayoutStore, files: [String] = ["hello"],
    platform: Platform = Platform(os: "linux", architecture: Platform.host.architecture)
  ) throws {
    let scratch = try Scratch()
    var layers: [[UInt8]] = []
    var descriptors: [Descriptor] = []
    for (index, file) in files.enumerated() {
      try scratch.tar("layer.tar", [("file\(index)", Array(file.utf8))])
      let layer = try scratch.read("layer.tar")
      layers.append(layer)
      descriptors.append(try store.put(layer, mediaType: .ociLayer))
    }
    var config = ImageConfig(
      platform: platform, created: "1970-01-01T00:00:00Z", diffIDs: descriptors.map(\.digest),
      history: files.map { _ in History(createdBy: "COPY") })
    config.config.command = ["/bin/sh"]
    let configDescriptor = try store.put(config.encoded(), mediaType: .ociConfig)
    manifest = ImageManifest(config: configDescriptor, layers: descriptors)
    descriptor = try store.put(manifest.encoded(), mediaType: .ociManifest)
    self.config = config
    self.layers = layers
  }
}

func reference(_ text: String) throws -> ImageReference { try ImageReference(parsing: text) }
