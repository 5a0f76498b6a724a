import ArgumentParser
import FileTree
import Glibc
import ImageBuild
import ImageStore
import Isolation
import OCIModel
import Registry
import SourceText

/// `slipway build`
struct BuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Build an image from a Dockerfile.",
    discussion: """
      Needs no daemon and no root. The image goes to the local store under its names, or where -o says. A base image is \
      a stage, an image of the local store or else of its registry, `oci-layout://PATH`, `oci-archive:PATH`, \
      `docker-archive:PATH` or `scratch`.
      Exit status: 0 built; 1 the Dockerfile is wrong or a step failed; 2 wrong usage, or slipway could not work.
      """)

  enum Progress: String, ExpressibleByArgument, CaseIterable {
    case auto, plain, tty, quiet, rawjson

    /// How it is shown here: without a terminal, as plain lines.
    var mode: ProgressView.Mode {
      switch self {
      case .plain: return .plain
      case .quiet: return .quiet
      case .rawjson: return .json
      case .auto, .tty:
        let isTerminal = isatty(STDERR_FILENO) == 1 && environment("TERM") != Array("dumb".utf8)
        return isTerminal ? .terminal : .plain
      }
    }
  }

  @Argument(
    help: ArgumentHelp(
      "What COPY and ADD take files from: a folder, a tar, a git repository (URL#ref:folder), the URL of a tar "
        + "or of a Dockerfile, or `-` for either on standard input.", valueName: "context"))
  var context: String
  @Option(
    name: [.customShort("t"), .long],
    help: ArgumentHelp("A name of the image. May be repeated.", valueName: "name[:tag]"))
  var tag: [String] = []
  @Option(
    name: [.customShort("f"), .long],
    help: ArgumentHelp(
      "The Dockerfile, or `-` for standard input; a path in the context if that is no folder. Default: "
        + "Dockerfile, or Containerfile, in the context.", valueName: "file"))
  var file: String?
  @Option(
    help: ArgumentHelp(
      "The value of an ARG; without `=`, that of the environment. May be repeated.", valueName: "name[=value]"
    ))
  var buildArg: [String] = []
  @Option(help: ArgumentHelp("The stage to build. Default: the last one.", valueName: "stage"))
  var target: String?
  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp(
      "Write the image to FILE.tar, or its files to a folder, or as a tar to `-`; or type=oci|docker|local|tar|image|registry, dest, name, push, tar, compression=gzip|zstd|uncompressed, compression-level, force-compression, annotation.KEY, with commas between. May be repeated.",
      valueName: "output"))
  var output: [String] = []
  @Option(
    help: ArgumentHelp(
      "The platform of the image; several, with commas, make an index. Default: this machine's.",
      valueName: "os/arch"))
  var platform: [String] = []
  @Option(
    help: ArgumentHelp(
      "A folder, tar, git repository, docker-image://NAME or oci-layout://PATH in place of an image or "
        + "stage. May be repeated.", valueName: "name=context"))
  var buildContext: [String] = []
  @Flag(
    help: "Ask the registries for the base images even where the local store has them: a tag may have moved.")
  var pull = false
  @Flag(help: "Push the image under its names: the same as -o type=registry.")
  var push = false
  @Flag(help: "Execute every step, whatever the cache has.")
  var noCache = false
  @Option(
    help: ArgumentHelp(
      "Execute the steps of these stages, whatever the cache has. May be repeated.",
      valueName: "stage[,stage]"))
  var noCacheFilter: [String] = []
  @Flag(
    help: "Say of every step whether the cache has it, and if not, what has changed since the last build.")
  var explainCache = false
  @Option(
    help: ArgumentHelp(
      "Take what the cache does not have from type=local,src=FOLDER or type=registry,ref=NAME, which may be an image "
        + "with type=inline; with mounts=all or mounts=ID, fill cache mounts that are empty. May be repeated.",
      valueName: "cache"))
  var cacheFrom: [String] = []
  @Option(
    help: ArgumentHelp(
      "Write the image's steps, or with mode=max those of all stages, to type=local,dest=FOLDER or "
        + "type=registry,ref=NAME; with type=inline, into the image; with mounts=all or mounts=ID, what is in the "
        + "build's cache mounts, too. May be repeated.", valueName: "cache"))
  var cacheTo: [String] = []
  @Option(help: ArgumentHelp("How many steps run at once. Default: one for each core.", valueName: "number"))
  var jobs: Int?
  @Option(help: ArgumentHelp("A label of the image. May be repeated.", valueName: "name=value"))
  var label: [String] = []
  @Option(
    help: ArgumentHelp(
      "An annotation of the manifest, or with a prefix (manifest:, index:, manifest-descriptor:, "
        + "index-descriptor:) of others. May be repeated.", valueName: "key=value"))
  var annotation: [String] = []
  @Flag(help: "Put all layers that the build makes into one.")
  var squash = false
  @Option(
    help:
      "When a RUN fails: stop, or open a shell where it ran, on this terminal; the build fails when it is left."
  )
  var onFail = FailureAction.stop
  @Option(help: "How progress is shown: steps on a terminal, lines as docker's, BuildKit's JSON, or not.")
  var progress = Progress.auto
  @Flag(name: [.customShort("q"), .long], help: "Print the image's digest, and what goes wrong, alone.")
  var quiet = false
  @Option(help: ArgumentHelp("Write the image's digest to a file.", valueName: "file"))
  var iidfile: String?
  @Option(help: ArgumentHelp("Write digests and names to a file, as JSON.", valueName: "file"))
  var metadataFile: String?
  @Option(
    help: ArgumentHelp(
      "In place of a build: check the Dockerfile, or print what the target can be given (outline), or the stages "
        + "(targets). With `,format=json` as JSON.", valueName: "method"))
  var call = BuildCall(.build)
  @Flag(help: "The same as --call check: lint the Dockerfile, and build nothing.")
  var check = false
  @Option(help: "What RUN reaches: default, host or none.")
  var network = NetworkOption.default
  @Option(
    help:
      "How RUN is kept away from the host: the best that works; namespaces, for an ordinary user with one identity; namespaces with the identities of /etc/subuid; a change of the root directory alone; or no RUN at all."
  )
  var isolation = IsolationMode.auto
  @Flag(help: "Say how RUN is kept away from the host here, and why not better.")
  var explainIsolation = false
  @Option(
    help:
      "How the changes of a RUN are found: by an overlay of the kernel, by fuse-overlayfs, or by reading the files before and after. Default: the first of these that works and pays."
  )
  var snapshotter = Snapshotter.auto
  @OptionGroup var mounts: MountOptions
  @OptionGroup var registry: RegistryOptions
  @OptionGroup var mirror: MirrorOptions
  @OptionGroup var resources: ResourceOptions
  @OptionGroup var limits: LimitOptions
  @OptionGroup var store: StoreOptions

  enum FailureAction: String, ExpressibleByArgument, CaseIterable {
    case stop, shell

    /// Where the shell is opened.
    func terminal() throws -> UserTerminal? {
      guard self == .shell else { return nil }
      guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
        throw Failure(
          "--on-fail shell needs a terminal as standard input and standard error: leave it out in scripts and CI",
          status: Exit.unable)
      }
      return UserTerminal(input: STDIN_FILENO, output: STDERR_FILENO)
    }
  }

  enum NetworkOption: String, ExpressibleByArgument, CaseIterable {
    case `default`, host, none

    var network: Network {
      switch self {
      case .default: .default
      case .host: .host
      case .none: .none
      }
    }
  }

  func run() throws {
    // Before anything else: only a process with one thread can enter a user namespace.
    try leaveMachineMounts(for: snapshotter)
    let (identity, losses) = try enterBuildNamespace(isolation, folder: store.existingFolder)
    if explainIsolation {
      let report = IsolationReport(isolation, identity, scratch: store.existingFolder, losses: losses)
      let changes = SnapshotterReport(snapshotter, report.choice, identity, scratch: store.existingFolder)
      writeAll(STDERR_FILENO, Array((report.text + changes.text + LimitsReport().line).utf8))
    }
    let failureTerminal = try onFail.terminal()
    let names = try tag.map(imageName)
    var outputs = try readOutputs()
    for output in outputs where output.isPushed && names.isEmpty && output.names.isEmpty {
      throw Failure("pushing needs a name for the image: write -t REGISTRY/NAME", status: Exit.unable)
    }
    let caches = try BuildCaches(from: cacheFrom, to: cacheTo, isQuiet: quiet, isSilent: isSilent)
    let platforms = try platforms()
    let store = try store.open()
    if case .range = identity { try RangeMark.set(in: store) }
    let cancellation: Cancellation
    do {
      cancellation = try Cancellation()
    } catch {
      throw Failure(isolationSentence(error), status: Exit.unable)
    }
    Interruption.watch(cancellation)
    let inputs = try readInputs(store, cancellation)
    let client = registry.client(cancel: cancellation.descriptor, mirrors: try mirror.mirrors())
    var request = try makeRequest(inputs, store, cancellation, client)
    request.failureTerminal = failureTerminal
    switch check ? .check : call.method {
    case .build: break
    case .check:
      let options = request.arguments.last { $0.name.elementsEqual("BUILDKIT_DOCKERFILE_CHECK".utf8) }
      return try inputs.check(
        isJSON: call.isJSON, root: self.store.root,
        options: options.map { String(decoding: $0.value, as: UTF8.self) })
    case .outline: return try call.printOutline(request)
    case .targets: return try call.printTargets(request)
    }
    try settleEpoch(&request, inputs, store, cancellation)
    let agents = try mounts.agents(store)
    defer { agents.end() }
    request.agents = agents.agents
    let view = ProgressView(quiet ? .quiet : progress.mode)
    let desk = BuildCaches.Desk(
      store: store, client: client, identity: identity, cancellation: cancellation)
    do {
      request.cacheSources = try caches.open(desk)
      var results: [BuildResult] = []
      for platform in platforms {
        var request = request
        request.platform = platform
        let builder = Builder(request, store: store, identity: identity, cancellation: cancellation)
        let name = platforms.count > 1 ? platform?.description ?? "" : ""
        let result = try builder.build { view.show($0, platform: name) }
        let clamp = request.clampsTimes ? request.created.seconds : nil
        results.append(
          try squash ? result.squashed(store: store, identity: identity, clamp: clamp) : result)
      }
      var products = BuildProducts(
        results, store, identity, latestModified: request.clampsTimes ? request.created.seconds : nil)
      view.end()
      for case .image in caches.targets.map(\.place) {
        for result in results { try result.describeCache(in: &outputs, store) }
      }
      try caches.export(results, desk) { TransferView(.push, isQuiet: isSilent) }
      try finish(&products, names: names, outputs: outputs, client)
    } catch let error as BuildError {
      throw failure(error, request, view)
    } catch let error as ExportError {
      view.end(error: exportSentence(error))
      throw Failure(exportSentence(error), status: Exit.unable)
    } catch let error as StoreError {
      view.end(error: storeSentence(error))
      throw Failure(storeSentence(error), status: Exit.unable)
    }
  }

  // MARK: The request

  private func readInputs(
    _ store: OCILayoutStore, _ cancellation: Cancellation
  ) throws -> BuildInputs {
    let arguments = try buildArguments()
    let keeps = arguments.last { $0.name.elementsEqual("BUILDKIT_CONTEXT_KEEP_GIT_DIR".utf8) }
    return try BuildInputReader(
      context: context, file: file, keepsRepository: keeps?.value == [UInt8(ascii: "1")],
      hasCommitTime: arguments.contains { $0.name == BuildRequest.epochName && !$0.value.isEmpty },
      store: store, cancellation: cancellation, limits: try limits.archive()
    ).read()
  }

  private func makeRequest(
    _ inputs: BuildInputs, _ store: OCILayoutStore, _ cancellation: Cancellation, _ client: RegistryClient
  ) throws -> BuildRequest {
    var request = BuildRequest(
      dockerfile: inputs.dockerfile, context: inputs.folder, created: Timestamp.coarseNow)
    request.arguments = try buildArguments()
    request.ignore = inputs.ignore
    request.namedContexts = try buildContext.map {
      try BuildInputReader.namedContext($0, store, cancellation, limits.archive())
    }
    request.target = target
    for text in label {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw Failure("--label \(text): write NAME=VALUE", status: Exit.unable)
      }
      request.labels[String(text[..<equals])] = String(text[text.index(after: equals)...])
    }
    request.network = network.network
    try resources.apply(to: &request)
    if let jobs, jobs < 1 { throw Failure("--jobs \(jobs): write 1 or more", status: Exit.unable) }
    request.jobs = jobs
    request.refusesCache = noCache
    request.uncachedStages = noCacheFilter.flatMap { $0.split(separator: ",").map(String.init) }
    request.explainsCache = explainCache
    request.registry = RegistryImages(client, isRefreshing: pull)
    request.isolation = isolation
    request.limits = try limits.archive()
    request.snapshotter = snapshotter
    request.secrets = try mounts.secrets()
    return request
  }

  /// The platforms to build for, each once; nil is this machine's.
  private func platforms() throws -> [Platform?] {
    var found: [Platform] = []
    for text in platform.flatMap({ $0.split(separator: ",").map(String.init) }) {
      do throws(PlatformError) {
        let platform = try Platform(parsing: text)
        if !found.contains(platform) { found.append(platform) }
      } catch {
        throw Failure("--platform \(text): \(platformSentence(error))", status: Exit.unable)
      }
    }
    return found.isEmpty ? [nil] : found
  }

  private func readOutputs() throws -> [BuildOutput] {
    var outputs = try output.map { try BuildOutput($0) }
    // Without -o the image goes to the store.
    if outputs.isEmpty { outputs = [BuildOutput(kind: .store)] }
    if push {
      guard let index = outputs.firstIndex(where: { $0.isStore }) else {
        throw Failure("--push goes with -o type=image and -o type=registry only", status: Exit.unable)
      }
      outputs[index].isPushed = true
    }
    let annotations = try annotation.flatMap { try ImageForm.Annotation.annotations($0) }
    for index in outputs.indices { outputs[index].form.annotations.insert(contentsOf: annotations, at: 0) }
    if outputs.count(where: \.isStandardOutput) > 1 {
      throw Failure("only one output can go to standard output", status: Exit.unable)
    }
    return outputs
  }

  // MARK: The result

  /// Whether nothing but the progress of the build, or nothing at all, goes to standard error.
  private var isSilent: Bool { quiet || progress == .quiet || progress == .rawjson }

  private func finish(
    _ products: inout BuildProducts, names: [ImageReference], outputs: [BuildOutput], _ client: RegistryClient
  ) throws {
    for output in outputs { try products.write(output, names: names) }
    for output in outputs where output.isPushed {
      let view = TransferView(.push, isQuiet: isSilent)
      let image = try products.export.image(output.form).descriptor
      var pushed: Set<ImageReference> = []
      for name in names + output.names where pushed.insert(name.tagged).inserted {
        _ = try pushImage(image, as: name.tagged, .all, client, products.store, view)
      }
    }
    // Of several forms of one image, the first is the one that is spoken of.
    let image = try products.export.image(outputs[0].form)
    let text = image.descriptor.digest.description
    if let iidfile { try createFile(iidfile, Array(text.utf8)) }
    if let metadataFile { try createFile(metadataFile, products.metadata(image, names: names)) }
    let isQuiet = quiet || progress == .quiet
    let line = isQuiet ? text : ([text] + names.map(\.familiarName)).joined(separator: " ")
    if outputs.contains(where: \.isStandardOutput) {
      if !isQuiet { writeAll(STDERR_FILENO, Array((line + "\n").utf8)) }
    } else {
      writeAll(STDOUT_FILENO, Array((line + "\n").utf8))
    }
  }

  private func failure(_ error: BuildError, _ request: BuildRequest, _ view: ProgressView) -> any Error {
    if case .cancelled = error {
      view.end(error: "interrupted")
      writeAll(STDERR_FILENO, Array("slipway: interrupted\n".utf8))
      return ExitCode(128 + Interruption.signalNumber)
    }
    let output = view.end(error: buildErrorSummary(error), showingOutput: error.isFailedCommand)
    return buildFailure(error, request.dockerfile, output: output)
  }
}

extension IsolationMode: ExpressibleByArgument {}
extension Snapshotter: ExpressibleByArgument {}

extension BuildError {
  /// Whether a command of the image ran and failed: then its output says why.
  fileprivate var isFailedCommand: Bool {
    guard case .step(let problem) = self else { return false }
    return problem.failedStatus != nil
  }
}
