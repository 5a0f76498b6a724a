import FileTree
import Glibc
import ImageBuild
import ImageStore
import JSONText
import Layers
import OCIModel

/// Where `-o` wants the image, or its files.
struct BuildOutput {
  enum Kind {
    /// An OCI layout that is a docker archive too: a tar, or a folder.
    case archive(isTar: Bool)
    /// The files of the image, in a folder.
    case files
    /// The files of the image, as a tar.
    case filesTar
    /// The local store.
    case store
    /// Nowhere: the build is all that is wanted.
    case nothing
  }

  var kind: Kind
  /// A path; `-` is standard output.
  var destination = ""
  var names: [ImageReference] = []
  var form = ImageForm()
  /// Whether the image goes to the registries of its names too.
  var isPushed = false
  /// Whether each platform gets a folder of its own; nil does so for several.
  var splitsPlatforms: Bool?

  var isStore: Bool {
    if case .store = kind { return true }
    return false
  }

  /// Whether the result goes to standard output.
  var isStandardOutput: Bool {
    switch kind {
    case .archive(true), .filesTar: destination == "-"
    default: false
    }
  }
}

/// Everything that was built, on its way to the outputs.
struct BuildProducts {
  /// One for each platform.
  let results: [BuildResult]
  let store: OCILayoutStore
  let identity: BuilderIdentity
  /// Times of files after this one become this one.
  let latestModified: Int64?
  var export: ImageExport

  init(
    _ results: [BuildResult], _ store: OCILayoutStore, _ identity: BuilderIdentity, latestModified: Int64?
  ) {
    self.results = results
    self.store = store
    self.identity = identity
    self.latestModified = latestModified
    export = ImageExport(results, store: store)
  }

  /// Writes one output.
  mutating func write(_ output: BuildOutput, names: [ImageReference]) throws {
    switch output.kind {
    case .nothing: return
    case .store:
      try store.add(export.image(output.form).descriptor, names: names + output.names)
    case .archive(let isTar):
      let image = try export.image(output.form).descriptor
      let archive = try ArchiveExport(store: store, image: image, names: names + output.names)
      let path = Array(output.destination.utf8)
      try isTar ? archive.writeTar(to: path) : archive.writeFolder(to: path)
    case .files: try writeFiles(output)
    case .filesTar: try writeTar(output)
    }
  }

  private func writeFiles(_ output: BuildOutput) throws {
    let splits = output.splitsPlatforms ?? (results.count > 1)
    for result in results {
      var folder = absolute(Array(output.destination.utf8))
      if splits {
        let name = result.image.platform.description.split(separator: "/").joined(separator: "_")
        folder += Array("/\(name)".utf8)
      }
      let files = try ImageFiles(result, store: store, identity: identity)
      let skipped = try files.copy(to: folder, caller: Owner(uid: geteuid(), gid: getegid()))
      try files.remove()
      if !skipped.isEmpty {
        let list = skipped.map { "/\($0)" }.joined(separator: ", ")
        Exit.complain("only root can make devices, and these are left out: \(list)")
      }
    }
  }

  private func writeTar(_ output: BuildOutput) throws {
    guard let result = results.first, results.count == 1 else {
      throw Failure(
        "type=tar takes the files of one platform; write type=local for more", status: Exit.unable)
    }
    let files = try ImageFiles(result, store: store, identity: identity)
    var failure: ExportError?
    do throws(StoreError) {
      try writeWhole(to: Array(output.destination.utf8)) { descriptor throws(StoreError) in
        var sink = DescriptorSink(descriptor)
        do throws(ExportError) {
          try files.writeTar(into: &sink, latestModified: latestModified)
        } catch {
          failure = error
          throw .busy
        }
      }
    } catch {
      throw failure ?? .store(error)
    }
    try files.remove()
  }

  /// What `--metadata-file` holds, with buildx's names.
  func metadata(_ image: ExportedImage, names: [ImageReference]) -> [UInt8] {
    var writer = JSONWriter(style: .pretty, escaping: .go)
    writer.object { writer in
      if let config = image.config {
        writer.member("containerimage.config.digest", config.digest.description)
      }
      writer.member("containerimage.descriptor") { image.descriptor.write(to: &$0) }
      writer.member("containerimage.digest", image.descriptor.digest.description)
      if !names.isEmpty {
        writer.member("image.name", names.map(\.fullName).joined(separator: ","))
      }
    }
    return writer.bytes + [0x0A]
  }
}

/// Why an output could not be written.
func exportSentence(_ error: ExportError) -> String {
  switch error {
  case .store(let error): storeSentence(error)
  case .layer(let error): layerSentence(error)
  case .file(let error): fileSentence(error)
  case .copy(let error): copySentence(error)
  case .noIndex(let key):
    "the annotation `\(key)` is for an index, and the image is for one platform: there is none"
  case .noDockerLayer: "docker's format has no layers in zstd: leave oci-mediatypes=false out"
  }
}

/// Writes a file in one step; what is there already is replaced.
func createFile(_ path: String, _ bytes: [UInt8]) throws(InputError) {
  let temporary = path + ".slipway-\(getpid())"
  let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
  guard descriptor >= 0 else {
    throw InputError(path: path, reason: "cannot be written: \(errorText(errno))")
  }
  var failure: Int32 = 0
  if !writeAll(descriptor, bytes) { failure = errno }
  if failure == 0, fsync(descriptor) != 0 { failure = errno }
  if close(descriptor) != 0, failure == 0 { failure = errno }
  if failure == 0, unsafe rename(temporary, path) != 0 { failure = errno }
  guard failure == 0 else {
    _ = unsafe unlink(temporary)
    throw InputError(path: path, reason: "cannot be written: \(errorText(failure))")
  }
}
