import Glibc
import ImageBuild
import ImageStore
import JSONText
import OCIModel

/// Where `-o` wants the image.
struct BuildOutput {
  private let destination: String
  private let isTar: Bool
  private let names: [ImageReference]

  /// Whether the archive goes to standard output.
  var isStandardOutput: Bool { isTar && destination == "-" }

  /// Reads `FILE.tar`, `type=oci,dest=FILE[,tar=false][,name=NAME]` or `type=docker,dest=FILE`.
  init(_ text: String) throws {
    func refuse(_ reason: String) -> Failure { Failure("-o \(text): \(reason)", status: Exit.unable) }
    guard text.contains("=") else {
      guard text.hasSuffix(".tar") else {
        throw refuse("writing the image's files is not supported yet; write FILE.tar, or type=oci,dest=FILE")
      }
      self.destination = text
      isTar = true
      names = []
      return
    }
    var type: String?
    var destination: String?
    var isTar = true
    var names: [ImageReference] = []
    for field in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else { throw refuse("`\(field)` has no value") }
      switch parts[0] {
      case "type": type = parts[1]
      case "dest": destination = parts[1]
      case "name": names.append(try imageName(parts[1]))
      case "tar":
        switch parts[1] {
        case "true", "1": isTar = true
        case "false", "0": isTar = false
        default: throw refuse("`tar` is true or false")
        }
      default: throw refuse("`\(parts[0])` is not supported")
      }
    }
    switch type {
    case "oci", "docker": break
    case nil: throw refuse("`type` is missing; it is oci or docker")
    case let type?: throw refuse("the type `\(type)` is not supported yet; write oci or docker")
    }
    guard let destination, !destination.isEmpty else {
      throw refuse("`dest` is missing: there is no daemon to load the image into")
    }
    if type == "docker", !isTar { throw refuse("a docker archive is always a tar") }
    if destination == "-", isTar, isatty(STDOUT_FILENO) == 1 {
      throw refuse("an archive is not for a terminal")
    }
    self.destination = destination
    self.isTar = isTar
    self.names = names
  }

  func write(_ image: Descriptor, _ store: OCILayoutStore, names: [ImageReference]) throws(StoreError) {
    let export = try ArchiveExport(store: store, image: image, names: names + self.names)
    if isTar {
      try export.writeTar(to: Array(destination.utf8))
    } else {
      try export.writeFolder(to: Array(destination.utf8))
    }
  }
}

/// What `--metadata-file` holds, with buildx's names.
func buildMetadata(_ result: BuildResult, names: [ImageReference]) -> [UInt8] {
  var writer = JSONWriter(style: .pretty, escaping: .go)
  writer.object { writer in
    writer.member("containerimage.config.digest", result.manifest.config.digest.description)
    writer.member("containerimage.descriptor") { result.descriptor.write(to: &$0) }
    writer.member("containerimage.digest", result.descriptor.digest.description)
    if !names.isEmpty {
      writer.member("image.name", names.map(\.fullName).joined(separator: ","))
    }
  }
  return writer.bytes + [0x0A]
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
