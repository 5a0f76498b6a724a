import ArgumentParser
import FileTree
import Glibc
import ImageBuild
import ImageStore
import Isolation
import OCIModel
import SourceText

/// `slipway build`
struct BuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Build an image from a Dockerfile.",
    discussion: """
      Needs no daemon and no root. The image goes to the local store under its names, or where -o says. A base image is \
      a stage, an image of the local store (`slipway load`), `oci-layout://PATH`, `oci-archive:PATH`, \
      `docker-archive:PATH` or `scratch`.
      Exit status: 0 built; 1 the Dockerfile is wrong or a step failed; 2 wrong usage, or slipway could not work.
      """)

  enum Progress: String, ExpressibleByArgument, CaseIterable { case auto, plain, quiet }

  @Argument(help: ArgumentHelp("The folder that COPY and ADD take files from.", valueName: "context"))
  var context: String
  @Option(
    name: [.customShort("t"), .long],
    help: ArgumentHelp("A name of the image. May be repeated.", valueName: "name[:tag]"))
  var tag: [String] = []
  @Option(
    name: [.customShort("f"), .long],
    help: ArgumentHelp(
      "The Dockerfile, or `-` for standard input. Default: Dockerfile in the context.", valueName: "file"))
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
      "Write the image to FILE.tar; or type=oci,dest=FILE[,tar=false], type=docker,dest=FILE. May be repeated.",
      valueName: "output"))
  var output: [String] = []
  @Option(help: ArgumentHelp("The platform of the image. Default: this machine's.", valueName: "os/arch"))
  var platform: String?
  @Flag(help: "Run every step anew. There is no cache yet, so this is always so.")
  var noCache = false
  @Option(help: ArgumentHelp("A label of the image. May be repeated.", valueName: "name=value"))
  var label: [String] = []
  @Option(help: "How progress is shown.")
  var progress = Progress.auto
  @Flag(name: [.customShort("q"), .long], help: "Print the image's digest, and what goes wrong, alone.")
  var quiet = false
  @Option(help: ArgumentHelp("Write the image's digest to a file.", valueName: "file"))
  var iidfile: String?
  @Option(help: ArgumentHelp("Write digests and names to a file, as JSON.", valueName: "file"))
  var metadataFile: String?
  @Option(help: "What RUN reaches: default, host or none.")
  var network = NetworkOption.default
  @Option(help: "How RUN is kept away from the host.")
  var isolation = IsolationMode.auto
  @OptionGroup var mounts: MountOptions
  @OptionGroup var store: StoreOptions

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
    let identity = Self.enterNamespace()
    let names = try tag.map(imageName)
    let outputs = try output.map(BuildOutput.init)
    let request = try makeRequest()
    let store = try store.open()
    let cancellation: Cancellation
    do {
      cancellation = try Cancellation()
    } catch {
      throw Failure(isolationSentence(error), status: Exit.unable)
    }
    Interruption.watch(cancellation)
    let isQuiet = quiet || progress == .quiet
    let view = ProgressView(isQuiet: isQuiet)
    do {
      let builder = Builder(request, store: store, identity: identity, cancellation: cancellation)
      let result = try builder.build { view.show($0) }
      try finish(result, store, names: names, outputs: outputs)
    } catch let error as BuildError {
      throw failure(error, request, view)
    } catch let error as StoreError {
      throw Failure(storeSentence(error), status: Exit.unable)
    }
  }

  /// An ordinary user becomes user 0 of a user namespace where the kernel allows it.
  private static func enterNamespace() -> BuilderIdentity {
    if geteuid() == 0 { return .root }
    do {
      try enterUserNamespace()
      return .namespaceRoot
    } catch {
      return .ordinary(error)
    }
  }

  // MARK: The request

  private func makeRequest() throws -> BuildRequest {
    let dockerfile = try readDockerfile()
    let arguments = try buildArguments()
    let (created, isFixed) = try creationTime(arguments)
    var request = BuildRequest(
      dockerfile: dockerfile, context: BytePath(absolute(Array(context.utf8))), created: created)
    request.clampsTimes = isFixed
    request.arguments = arguments
    request.ignore = try ignoreFile()
    request.target = target
    for text in label {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw Failure("--label \(text): write NAME=VALUE", status: Exit.unable)
      }
      request.labels[String(text[..<equals])] = String(text[text.index(after: equals)...])
    }
    if let platform { request.platform = try Self.platform(platform) }
    request.network = network.network
    request.isolation = isolation
    request.secrets = try mounts.secrets()
    request.agents = try mounts.agents()
    return request
  }

  private static func platform(_ text: String) throws -> Platform {
    if text.contains(",") {
      throw Failure(
        "--platform \(text): images for several platforms are not supported yet; name one",
        status: Exit.unable)
    }
    do throws(PlatformError) {
      return try Platform(parsing: text)
    } catch {
      throw Failure("--platform \(text): \(platformSentence(error))", status: Exit.unable)
    }
  }

  private func readDockerfile() throws -> Source {
    try checkContext()
    return try readSource(file ?? (context.hasSuffix("/") ? context : context + "/") + "Dockerfile")
  }

  private func checkContext() throws {
    let isRemote = context == "-" || context.contains("://") || context.hasPrefix("git@")
    if isRemote {
      throw Failure(
        "\(context): the context must be a folder; archives, standard input and URLs are not supported yet",
        status: Exit.unable)
    }
    var status = stat()
    guard unsafe stat(context, &status) == 0 else {
      throw InputError(path: context, reason: errorText(errno))
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw InputError(path: context, reason: "is no folder, and the context must be one")
    }
  }

  private func buildArguments() throws -> [BuildRequest.Argument] {
    try buildArg.compactMap { text in
      let bytes = Array(text.utf8)
      guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else {
        return environment(text).map { BuildRequest.Argument(name: bytes, value: $0) }
      }
      guard equals > 0 else { throw Failure("--build-arg \(text): the name is missing", status: Exit.unable) }
      return BuildRequest.Argument(name: Array(bytes[..<equals]), value: Array(bytes[(equals + 1)...]))
    }
  }

  /// SOURCE_DATE_EPOCH of `--build-arg` or the environment, else now.
  private func creationTime(
    _ arguments: [BuildRequest.Argument]
  ) throws -> (time: Timestamp, isFixed: Bool) {
    let name = "SOURCE_DATE_EPOCH"
    let given = arguments.last { $0.name.elementsEqual(name.utf8) }?.value ?? environment(name)
    guard let given, !given.isEmpty else { return (Timestamp.coarseNow, false) }
    let text = String(decoding: given, as: UTF8.self)
    guard let seconds = Int64(text), (0...253_402_300_799).contains(seconds) else {
      throw Failure("\(name)=\(text): write the seconds since 1970", status: Exit.unable)
    }
    return (Timestamp(seconds: seconds), true)
  }

  /// The ignore file of the Dockerfile, else that of the context.
  private func ignoreFile() throws -> IgnoreFile {
    var candidates = [(context.hasSuffix("/") ? context : context + "/") + ".dockerignore"]
    let dockerfile = file ?? context + "/Dockerfile"
    if dockerfile != "-" { candidates.insert(dockerfile + ".dockerignore", at: 0) }
    for path in candidates where unsafe access(path, F_OK) == 0 {
      let source = try readSource(path)
      do throws(IgnoreFile.SyntaxError) {
        return try IgnoreFile(parsing: source.bytes)
      } catch {
        throw Failure("\(path):\(error.line): \(patternSentence(error.reason))")
      }
    }
    return IgnoreFile()
  }

  // MARK: The result

  private func finish(
    _ result: BuildResult, _ store: OCILayoutStore, names: [ImageReference], outputs: [BuildOutput]
  ) throws {
    let digest = result.descriptor.digest
    if outputs.isEmpty {
      try store.add(result.descriptor, names: names)
    } else {
      for output in outputs { try output.write(result.descriptor, store, names: names) }
    }
    let text = digest.description
    if let iidfile { try createFile(iidfile, Array(text.utf8)) }
    if let metadataFile { try createFile(metadataFile, buildMetadata(result, names: names)) }
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
      view.end()
      writeAll(STDERR_FILENO, Array("slipway: interrupted\n".utf8))
      return ExitCode(128 + Interruption.signalNumber)
    }
    view.end(showingOutput: error.isFailedCommand)
    return buildFailure(error, request.dockerfile)
  }
}

extension IsolationMode: ExpressibleByArgument {}

extension BuildError {
  /// Whether a command of the image ran and failed: then its output says why.
  fileprivate var isFailedCommand: Bool {
    guard case .step(let problem) = self, case .runFailed = problem.kind else { return false }
    return true
  }
}
