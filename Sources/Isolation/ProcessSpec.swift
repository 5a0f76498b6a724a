/// One process to run: everything it sees is named here, nothing is inherited.
///
/// Paths of the host (`RootFilesystem`, `HostPath`) are trusted; paths inside the root are not, and are resolved
/// inside it whatever links it holds.
package struct ProcessSpec: Sendable {
  package var root: RootFilesystem
  /// The command and its arguments. A command without a slash is searched in the PATH of `environment`.
  package var arguments: [[UInt8]]
  /// The whole environment.
  package var environment: [EnvironmentVariable] = []
  /// Absolute; must exist in the root.
  package var workingDirectory: [UInt8] = [0x2F]
  package var user: ProcessUser = .root
  package var hostname: [UInt8] = Array("buildkitsandbox".utf8)
  /// Mounted in the order of their targets, after the standard ones.
  package var mounts: [Mount] = []
  package var network: Network = .default
  /// Besides these, no core is dumped.
  package var limits: [ResourceLimit] = []
  /// How many processes and threads there may be at once, so that a command that forks forever harms itself alone. Holds
  /// in a pid namespace of Linux 6.14 or later, and for an ordinary user; not by a change of the root alone.
  package var processLimit = ProcessSpec.usualProcessLimit
  /// The group that the process and all that it starts are put into; `nil` leaves them in the caller's.
  package var controlGroup: ControlGroup?
  /// Bytes that /dev/shm can hold; `nil` is the 64 MiB of docker.
  package var sharedMemory: UInt64?
  /// What /etc/hosts and /etc/resolv.conf hold while the process runs; `nil` leaves the root's own.
  package var hosts: [UInt8]?
  package var resolverConfiguration: [UInt8]?
  /// Whether /dev, /proc and /sys, where the root lacks them, stay as the empty folders that they were mounted
  /// on: runc leaves them, so that images built from nothing have them.
  package var keepsKernelFolders = false
  /// Whom the process talks with, by a terminal of its own; `nil` leaves it without input, and its output to the
  /// caller.
  package var terminal: UserTerminal?
  /// Where owners go that the caller cannot give: in `UserNamespace.single` the process then believes to be any user, and
  /// gives files to any user; in `UserNamespace.ranges` it makes devices, and gives files to users that are not there.
  package var ledger: OwnerLedger?
  /// Whether the process believes to be any user also in `UserNamespace.ranges`, for a user that is not there.
  package var emulatesUsers = false
  /// Where the files of the root are on the disk, if its file system does not tell when they were made.
  package var backing: BackingFolders?

  static let usualProcessLimit: UInt32 = 8192

  package init(root: RootFilesystem, arguments: [[UInt8]]) {
    self.root = root
    self.arguments = arguments
  }
}

/// What the process sees as `/`. All paths are the host's, absolute.
package enum RootFilesystem: Sendable, Equatable {
  /// A directory tree, changed in place.
  case directory([UInt8])
  /// An overlay (Documentation/filesystems/overlayfs.rst) that exists for the process only: `lower` has the topmost
  /// directory first, changes end in `upper`, `work` is empty and on the same file system as `upper`.
  /// Without privileges the overlay keeps its marks in `user.overlay.*` attributes, with them in `trusted.overlay.*`.
  /// One that `isTemporary` does not wait for the disk, and its directories can be mounted this one time only.
  case overlay(lower: [[UInt8]], upper: [UInt8], work: [UInt8], isTemporary: Bool = false)
}

/// A variable of the environment.
package struct EnvironmentVariable: Sendable, Equatable {
  package var name: [UInt8]
  package var value: [UInt8]

  package init(name: [UInt8], value: [UInt8]) {
    self.name = name
    self.value = value
  }
}

/// The identity inside the namespaces.
package struct ProcessUser: Sendable, Equatable {
  package var uid: UInt32
  package var gid: UInt32
  /// Supplementary groups.
  package var groups: [UInt32]

  package static let root = ProcessUser(uid: 0, gid: 0)

  package init(uid: UInt32, gid: UInt32, groups: [UInt32] = []) {
    self.uid = uid
    self.gid = gid
    self.groups = groups
  }

  /// Whether it is the user that every user namespace has, and in no other group.
  var isOnlyRoot: Bool { uid == 0 && gid == 0 && groups.allSatisfy { $0 == 0 } }
}

/// What the process reaches.
package enum Network: Sendable, Equatable {
  /// As the executor sees fit; the namespace executor shares the host's network.
  case `default`
  case host
  /// A network of its own with nothing but a loopback interface.
  case none
}

/// A limit of setrlimit(2). `nil` is no limit. An ordinary user can lower a hard limit, not raise it.
package struct ResourceLimit: Sendable, Equatable {
  package enum Resource: Int32, Sendable, CaseIterable {
    case cpu = 0
    case fileSize = 1
    case data = 2
    case stack = 3
    case core = 4
    case residentSet = 5
    case processes = 6
    case openFiles = 7
    case lockedMemory = 8
    case addressSpace = 9
    case locks = 10
    case pendingSignals = 11
    case messageQueue = 12
    case nice = 13
    case realTimePriority = 14
    case realTimeTimeout = 15
  }

  package var resource: Resource
  package var soft: UInt64?
  package var hard: UInt64?

  package init(_ resource: Resource, soft: UInt64?, hard: UInt64?) {
    self.resource = resource
    self.soft = soft
    self.hard = hard
  }
}

/// Something mounted for the process. A target that is missing is made and removed again.
package struct Mount: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// A file or directory of the host, with what is mounted below it; without devices.
    case bind(HostPath, writable: Bool)
    /// An empty file system in memory; `size` in bytes, `nil` for the kernel's default.
    case temporary(size: UInt64?, writable: Bool = true)
    /// A file that is in memory only: a secret. Read-only unless `writable`; writes are lost.
    case file(content: [UInt8], mode: UInt16, uid: UInt32, gid: UInt32, writable: Bool)
  }

  package var kind: Kind
  /// Absolute, in the root.
  package var target: [UInt8]

  package init(_ kind: Kind, at target: [UInt8]) {
    self.kind = kind
    self.target = target
  }
}

/// A path of the host.
package struct HostPath: Sendable, Equatable {
  /// If set, `path` is resolved inside this directory as if it were the root, so that no link leads out.
  package var base: [UInt8]?
  package var path: [UInt8]
  /// Whether a target that is missing is made as a directory.
  package var isDirectory: Bool

  package init(path: [UInt8], below base: [UInt8]? = nil, isDirectory: Bool) {
    self.base = base
    self.path = path
    self.isDirectory = isDirectory
  }
}
