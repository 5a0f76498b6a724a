import DockerfileSyntax
import FileTree
import ImageStore
import Isolation
package import SourceText

/// One step of a stage that touches files: it makes one layer.
package struct BuildStep: Sendable {
  /// The index of the instruction in the Dockerfile; that of the FROM for a trigger of its base.
  package var instruction: Int
  package var range: ByteRange
  /// The text of the trigger, for an instruction of the base's ONBUILD.
  package var trigger: [UInt8]?
  /// The instruction for people, in one line.
  package var title: String
  var operation: Operation
}

extension BuildStep {
  /// Where the Dockerfile says what a problem of the step is about: a source of COPY or ADD, or all of the instruction.
  func place(of problem: BuildProblem.Kind) -> ByteRange {
    guard trigger == nil, case .copy(let copy) = operation else { return range }
    for (source, place) in zip(copy.sources, copy.places) {
      switch (source, problem) {
      case (.path(let text), .sourceNotFound(let path, _)):
        if BytePath(text).clampedToRoot == path { return place }
      case (.remote(let remote), .download(let url, _)), (.remote(let remote), .repository(let url, _)),
        (.remote(let remote), .wrongChecksum(let url, _, _)), (.remote(let remote), .noFileName(let url)):
        if remote.name == url { return place }
      default: continue
      }
    }
    return range
  }
}

enum Operation: Sendable {
  /// WORKDIR: a folder, absolute, that belongs to `user`.
  case makeFolder([UInt8], user: String)
  case copy(CopyOperation)
  case run(RunOperation)
}

/// Where files come from.
enum TreeReference: Hashable, Sendable {
  case context
  /// The stage of a number.
  case stage(Int)
  /// An image that is no stage; the index into the plan's images.
  case image(Int)
  /// A folder of `--build-context`; the index into the plan's folders.
  case folder(Int)

  /// Whether the files are the host's, where anybody may change them.
  var isHostFolder: Bool {
    switch self {
    case .context, .folder: true
    case .stage, .image: false
    }
  }
}

/// COPY or ADD, with all variables replaced.
struct CopyOperation: Sendable {
  enum Source: Sendable {
    case path([UInt8])
    case document(name: [UInt8], content: [UInt8])
    /// Fetched before the step is carried out.
    case remote(RemoteSource)
  }

  var from: TreeReference
  var sources: [Source]
  /// Where the sources stand in the Dockerfile.
  var places: [ByteRange] = []
  /// Absolute and cleaned.
  var destination: BytePath
  /// Whether the destination was written as a folder: with `/` or `/.` at its end.
  var isFolder: Bool
  var owner: [UInt8]?
  var mode: ModeChange?
  var excluded = IgnoreFile()
  /// Whether the folders of a source are made in the destination.
  var keepsParents = false
  /// Whether local archives are unpacked: ADD.
  var unpacks = false
  /// `--chmod` and `--exclude` as they are written, variables replaced.
  var filters: [[UInt8]] = []
  /// Whether the layer is made without the files below it: `--link`.
  var isLinked = false
}

/// RUN, with all variables replaced.
struct RunOperation: Sendable {
  var arguments: [[UInt8]]
  var environment: [EnvironmentVariable]
  /// A file in `/dev/pipes` that the command is in.
  var script: Script?
  var user: String
  var workingDirectory: [UInt8]
  var mounts: [RunMount] = []
  var network: Network
  /// The name that the machine has for the command.
  var hostname: [UInt8]
  /// Variables that are no part of the step's key: proxies that no ARG declares.
  var unkeyed: Set<[UInt8]> = []
  /// What SHELL has made the stage's shell, of whatever form the command is.
  var shell: [[UInt8]] = []

  struct Script: Sendable {
    var name: [UInt8]
    var content: [UInt8]
  }
}

/// A mount of RUN.
struct RunMount: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    case temporary(size: UInt64?, writable: Bool)
    /// What is written is thrown away.
    case bind(TreeReference, source: BytePath, writable: Bool)
    case cache(CacheMount)
    case secret(SecretMount)
    case agent(AgentMount)
  }

  var kind: Kind
  /// Absolute.
  var target: [UInt8]
}

/// A folder that outlives the build.
struct CacheMount: Hashable, Sendable {
  var id: [UInt8]
  var sharing: MountFolder.Sharing
  /// Where the first content comes from.
  var from: TreeReference?
  var source: BytePath
  /// Of a new folder.
  var mode: UInt32?
  var uid: UInt32?
  var gid: UInt32?
  var writable: Bool
}

/// A secret: its value is not part of the operation.
struct SecretMount: Hashable, Sendable {
  var id: String
  /// Whether it becomes a file at the target.
  var isFile: Bool
  var environment: [UInt8]?
  var isRequired: Bool
  var mode: UInt32
  var uid: UInt32
  var gid: UInt32
}

/// The socket of an SSH agent.
struct AgentMount: Hashable, Sendable {
  var id: String
  var isRequired: Bool
  /// Whether SSH_AUTH_SOCK names it: the first one.
  var setsVariable: Bool
  var mode: UInt32 = AgentMount.usualMode
  var uid: UInt32 = 0
  var gid: UInt32 = 0

  static let usualMode: UInt32 = 0o600

  /// Whether the socket is root's alone.
  var isUsual: Bool { mode == Self.usualMode && uid == 0 && gid == 0 }
}
