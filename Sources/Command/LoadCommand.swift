import ArgumentParser
import Glibc
import ImageStore
import OCIModel

/// `slipway load`
struct LoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load", abstract: "Bring images from an archive or layout into the local store.",
    discussion: """
      Takes what docker save, skopeo, buildah, podman and slipway write: docker archives and OCI layouts, as a tar, \
      compressed or not, or as a folder. Every digest is verified.
      """)

  @Option(
    name: [.customShort("i"), .long],
    help: ArgumentHelp("The archive or folder. Default: standard input.", valueName: "file"))
  var input = "-"
  @Option(
    name: [.customShort("t"), .long],
    help: ArgumentHelp(
      "A name for the image, besides those in the archive. May be repeated.", valueName: "name"))
  var tag: [String] = []
  @Flag(name: [.customShort("q"), .long], help: "Print nothing.")
  var quiet = false
  @OptionGroup var transfer: TransferOptions
  @OptionGroup var limits: LimitOptions
  @OptionGroup var store: StoreOptions

  func run() throws {
    let names = try tag.map(imageName)
    let bounds = try limits.load()
    let store = try store.open()
    let view = TransferView(.load, transfer.mode(isQuiet: quiet))
    let images: [LoadedImage]
    do {
      images = try store.load(Array(input.utf8), names: names, limits: bounds) { view.show($0) }
      view.end()
    } catch {
      throw view.end(Failure("\(input): \(storeSentence(error))", status: Exit.status(of: error)))
    }
    for image in images {
      let digest = image.descriptor.digest
      if image.names.isEmpty { view.result(digest.description, "Loaded image", digest) }
      for name in image.names { view.result(name.familiarName, "Loaded image", digest) }
    }
    if quiet { return }
    var text = ""
    for image in images {
      if image.names.isEmpty { text += "Loaded image: \(image.descriptor.digest)\n" }
      for name in image.names { text += "Loaded image: \(name.familiarName)\n" }
    }
    writeAll(STDOUT_FILENO, Array(text.utf8))
  }
}

extension Exit {
  /// The tool could not work when the system refused something; otherwise the input is wrong.
  static func status(of error: StoreError) -> Int32 {
    switch error {
    case .system, .busy: unable
    default: failed
    }
  }
}
