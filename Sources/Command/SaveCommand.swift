import ArgumentParser
import Glibc
import ImageStore
import OCIModel

/// `slipway save`
struct SaveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "save", abstract: "Write an image of the local store to an archive.",
    discussion:
      "The archive is an OCI layout and a docker archive in one: docker, podman, skopeo and umoci take it.")

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("The file to write. Default: standard output.", valueName: "file"))
  var output = "-"
  @Flag(
    help: ArgumentHelp(
      "Write what the local store has that refers to the image, too: signatures, attestations, lists of its parts."
    ))
  var referrers = false
  @Argument(help: ArgumentHelp("The image: a name, or an id or its beginning.", valueName: "name"))
  var name: String
  @OptionGroup var store: StoreOptions

  func run() throws {
    if output == "-", isatty(STDOUT_FILENO) == 1 {
      throw Failure("an archive is not for a terminal: name a file with -o", status: Exit.unable)
    }
    let store = try store.open()
    let found = try ImageOperand(name, in: store)
    do throws(StoreError) {
      let names = found.name.map { [$0] } ?? []
      try ArchiveExport(store: store, image: found.descriptor, names: names, withReferrers: referrers)
        .writeTar(to: Array(output.utf8))
    } catch {
      throw Failure(storeSentence(error), status: Exit.status(of: error))
    }
  }
}
