package import DockerfileSyntax
package import Download
package import FileTree
package import ImageStore
package import Isolation
package import Layers
package import OCIModel
package import Registry
package import SourceText

/// Something that keeps a Dockerfile from being built, and where in the file it is.
package struct BuildProblem: Error, Equatable, Sendable {
  package var kind: Kind
  package var range: ByteRange
  /// The index of the instruction; that of the FROM for a trigger of its base.
  package var instruction: Int?
  /// The text of the base's ONBUILD trigger that the problem is in.
  package var trigger: [UInt8]?

  package init(_ kind: Kind, at range: ByteRange, instruction: Int?, trigger: [UInt8]? = nil) {
    self.kind = kind
    self.range = range
    self.instruction = instruction
    self.trigger = trigger
  }

  package enum Kind: Error, Equatable, Sendable {
    /// The file does not parse.
    case syntax(Problem.Kind)
    case expansion(ExpansionError)
    case missingArguments
    /// The base's name is empty once its variables are replaced.
    case blankBase(String)
    case invalidPlatform(String, PlatformError)
    /// RUN needs programs of the platform to run here.
    case foreignPlatform(wanted: Platform, host: Platform, ForeignPlatformReason)
    /// There is no stage of this name; `available` are those that have one.
    case unknownTarget(String, available: [String])
    case base(String, BaseImageError)
    /// A stage copies from itself, or two from each other.
    case circularStage(String)
    /// The stage stands further down.
    case laterStage(String)
    case unknownStageNumber(Int, count: Int)
    /// A trigger of the base is no single instruction, or one that may not be in ONBUILD.
    case invalidTrigger
    case invalidPort(String)
    case invalidSignal(String)
    case invalidMode(String)
    case emptyVolume
    case pattern(PatternError)
    /// The delimiter of a here-document that becomes a file has a slash in it.
    case heredocName(String)
    case mount(MountError)
    case invalidNetwork(String)
    case checksumOfLocalSource
    case checksumOfSeveralSources
    case invalidChecksum(String)
    /// A URL of a git repository, without its password, that does not hold together.
    case gitReference(String, GitReference.Failure)
    case remoteSourceInCopy(String)
    case namesWithLink(String)
    case epoch(EpochProblem)
    /// It exists in the Dockerfile reference and not in Slipway.
    case unsupported(Unsupported)

    // What only shows when the step is done.
    case sourceNotFound(BytePath, isIgnored: Bool)
    case destinationNotFolder(BytePath)
    case severalSources(BytePath)
    case owner(UserLookupError)
    case user(UserLookupError)
    case copy(TreeCopyError)
    case file(FileError)
    case layer(LayerError)
    case store(StoreError)
    case isolation(IsolationError)
    case runFailed(ExitStatus)
    /// The command failed after the kernel had killed something of it for want of memory; bytes that it may have.
    case outOfMemory(ExitStatus, limit: UInt64?)
    /// The URL, without its password.
    case download(String, DownloadError)
    case repository(String, GitError)
    case wrongChecksum(String, expected: Digest, actual: Digest)
    /// Neither the URL nor the server says how the file is called.
    case noFileName(String)
    /// A mount needs a secret that the build was not given.
    case missingSecret(String)
    case secretFile(String, FileError)
    /// A secret that becomes a variable has a NUL in it.
    case secretWithNUL(String)
    /// A mount needs an SSH agent that the build was not given.
    case missingAgent(String)
  }

  /// How the command has ended that has failed.
  package var failedStatus: ExitStatus? {
    switch kind {
    case .runFailed(let status), .outOfMemory(let status, _): status
    default: nil
    }
  }

  /// What the Dockerfile reference has and Slipway has not.
  package enum Unsupported: Hashable, Sendable {
    /// A frontend other than docker's own, by `# syntax=`.
    case frontend(String)
    case flag(String)
    case security(String)
    case device
    /// A layer over an image of Windows, whose layers have another form.
    case windowsLayer
  }
}

/// Why a build has no image.
package enum BuildError: Error, Equatable, Sendable {
  /// The Dockerfile cannot be built; nothing was run. All that is wrong, in the order of the file.
  case invalid([BuildProblem])
  /// A step failed.
  case step(BuildProblem)
  /// `SOURCE_DATE_EPOCH` of the build arguments is no time, and names nothing that has one.
  case epoch(String)
  /// Something outside the Dockerfile.
  case store(StoreError)
  case file(FileError)
  case isolation(IsolationError)
  case cancelled
}

/// Why a base image is not at hand.
package enum BaseImageError: Error, Hashable, Sendable {
  case reference(ImageReferenceError)
  /// The local store has no image of the name.
  case notFound
  /// An archive or layout has no image of the name; the names that it has.
  case notInArchive(ArchiveSelector, available: [String])
  /// The store does not have it, and the registry does not give it.
  case registry(RegistryError)
  /// An archive or layout holds several images, and none is chosen.
  case ambiguous(Int)
  case store(StoreError)
  /// The folder of a `--build-context` cannot be made an image.
  case folder(BytePath, FolderFailure?)

  package enum FolderFailure: Hashable, Sendable {
    case file(FileError)
    case layer(LayerError)
  }
}

/// Something that is worth a word, and keeps nothing from being built.
package enum BuildWarning: Equatable, Sendable {
  /// A `--build-arg` that no ARG declares.
  case unusedArgument([UInt8])
  /// Sockets cannot be in an image.
  case skippedSockets([BytePath])
  /// A wildcard found several files, and the destination is one file: the last has stayed.
  case overwritten(BytePath)
  /// The cache could not be written, so the next build has to do more.
  case cacheNotWritten(StoreError)
  /// A command has failed, and there is no shell that could be opened; these were tried.
  case noShell([[UInt8]])
  /// A shell could not be opened where a command has failed.
  case shellNotOpened(IsolationError)
  /// Commands run with another root directory and nothing more: the machine refuses namespaces.
  case changesRootOnly
  /// So many processes of a command that succeeded were killed for want of memory.
  case killedForMemory(step: String, count: Int)
  /// The only image of the base is for another platform.
  case platformMismatch(image: String, wanted: Platform, actual: Platform)
  /// WORKDIR names a drive, and the image is for a system that has none: what is written is a relative name.
  case drivePath(written: String, folder: BytePath, platform: Platform)
}
