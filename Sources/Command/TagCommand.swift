import ArgumentParser
import ImageStore
import OCIModel

/// `slipway tag`
struct TagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag", abstract: "Give an image of the local store another name.",
    discussion: "An image that had the name stays in the store without it, as with docker.")

  @OptionGroup var store: StoreOptions
  @Argument(help: ArgumentHelp("The image: a name, or its id or the beginning of it.", valueName: "image"))
  var image: String
  @Argument(help: ArgumentHelp("The new name.", valueName: "name[:tag]"))
  var name: String

  func run() throws {
    let reference = try imageName(name)
    if reference.digest != nil {
      throw Failure(
        "\(name): a name with a digest stands for one content, and cannot be given", status: Exit.unable)
    }
    let store = try store.open()
    let found = try ImageOperand(image, in: store)
    do throws(StoreError) {
      try store.tag(reference, found.descriptor)
    } catch {
      throw Failure(storeSentence(error), status: Exit.status(of: error))
    }
  }
}
