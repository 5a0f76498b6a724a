package import FileTree
package import ImageStore
package import Isolation
package import Layers
package import OCIModel
package import SourceText

/// Everything that a build is made from.
package struct BuildRequest: Sendable {
  /// A value for an ARG, of `--build-arg`.
  package struct Argument: Hashable, Sendable {
    package var name: [UInt8]
    package var value: [UInt8]

    package init(name: [UInt8], value: [UInt8]) {
      self.name = name
      self.value = value
    }
  }

  package var dockerfile: Source
  /// The build context: a folder of the host.
  package var context: BytePath
  /// What the context does not have.
  package var ignore = IgnoreFile()
  /// What stands for images or stages of these names; a later one of a name counts.
  package var namedContexts: [NamedContext] = []
  /// A later value of one name counts.
  package var arguments: [Argument] = []
  /// The stage to build; nil is the last one.
  package var target: String?
  /// Added to the labels of the image.
  package var labels = StringMap()
  /// nil is this machine's.
  package var platform: Platform?
  /// How much an archive or a layer that is unpacked may hold.
  package var limits = ArchiveLimits()
  package var network = Network.default
  /// What each RUN may use, `/dev/shm` and the limits of each of its processes included. No part of the cache's keys:
  /// they change whether a command ends well, not what it makes.
  package var resources = StepResources()
  package var sharedMemory: UInt64?
  package var processLimits: [ResourceLimit] = []
  package var isolation = IsolationMode.auto
  /// Where the kernel tells which programs of other architectures it has a handler for: a folder of binfmt_misc.
  package var handlerFolder = BinaryHandlers.systemFolder
  /// How the changes of a RUN are found.
  package var snapshotter = Snapshotter.auto
  /// A later one of one id counts.
  package var secrets: [BuildSecret] = []
  package var agents: [BuildAgent] = []
  /// How many steps may be executed at once; nil is one for each core.
  package var jobs: Int?
  /// Whether every step is executed, whatever the cache has.
  package var refusesCache = false
  /// The stages, by name or number, whose steps are executed whatever the cache has.
  package var uncachedStages: [String] = []
  /// Whether a verdict is given on each step: found in the cache, and why not.
  package var explainsCache = false
  /// Caches that are asked for what the own one does not have.
  package var cacheSources: [any CacheSource] = []
  /// Where base images come from that the store does not have; nil for nowhere.
  package var registry: RegistryImages?
  /// Where a shell is opened when a command of RUN has failed; nil is nowhere.
  package var failureTerminal: UserTerminal?
  /// The time of the image and of what the build makes.
  package var created: Timestamp
  /// Whether modification times after `created` are set back to it (reproducible-builds.org,
  /// `SOURCE_DATE_EPOCH`).
  package var clampsTimes = false
  /// What `SOURCE_DATE_EPOCH` stands for in the Dockerfile; nil is what an ARG says.
  var epoch: Epoch?

  package init(dockerfile: Source, context: BytePath, created: Timestamp) {
    self.dockerfile = dockerfile
    self.context = context
    self.created = created
  }
}
