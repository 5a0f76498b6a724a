import ArgumentParser
import Glibc
import ImageStore
import Isolation
import OCIModel
import Registry

/// `slipway push`
struct PushCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "push", abstract: "Put images of the local store into registries.",
    discussion: """
      The image goes where its name says (`slipway tag` gives it another one), byte for byte. What the registry has already, \
      in this repository or in another one that the store knows of, is not sent; what breaks off goes on where it was. \
      Credentials are docker's and podman's (`slipway login`).
      """)

  @Flag(name: [.customShort("a"), .long], help: "Push every tag that the local store has of the name.")
  var allTags = false
  @Flag(
    help: ArgumentHelp(
      "Push the image for every platform, or fail if one is missing. Default: all if all are here, else this machine's."
    ))
  var allPlatforms = false
  @Option(help: ArgumentHelp("Push the image for this platform alone.", valueName: "os/arch"))
  var platform: String?
  @Flag(name: [.customShort("q"), .long], help: "Print the digests alone.")
  var quiet = false
  @Flag(
    help: ArgumentHelp(
      "Push what the local store has that refers to the image, too (`slipway pull --referrers`)."))
  var referrers = false
  @OptionGroup var transfer: TransferOptions
  @OptionGroup var registry: RegistryOptions
  @OptionGroup var store: StoreOptions
  @Argument(help: ArgumentHelp("The images, by name.", valueName: "name"))
  var names: [String]

  func validate() throws {
    if allPlatforms, platform != nil {
      throw ValidationError("--platform and --all-platforms cannot be given at once")
    }
  }

  func run() throws {
    var references = try names.map(imageName)
    for reference in references where reference.digest != nil {
      throw Failure(
        "\(reference.familiarName): a name with a digest stands for one content, and cannot be given; write a tag",
        status: Exit.unable)
    }
    let platforms: ImagePush.Platforms
    if let platform {
      platforms = .one(try platformOption(platform))
    } else {
      platforms = allPlatforms ? .all : .available
    }
    let store = try store.open()
    let cancellation = try Interruption.start()
    do throws(StoreError) {
      if allTags {
        let known = try store.images().compactMap(\.name)
        references = references.flatMap { wanted in
          let tags = known.filter { $0.name == wanted.name }
          return tags.isEmpty ? [wanted] : tags
        }
      }
    } catch {
      throw Failure(storeSentence(error), status: Exit.status(of: error))
    }
    for reference in references {
      let image = try find(reference, in: store)
      let view = TransferView(.push, transfer.mode(isQuiet: quiet))
      let client = registry.client(cancel: cancellation.descriptor) { view.note($0) }
      let pushed = try pushImage(
        image, as: reference, platforms, client, store, view, withReferrers: referrers)
      let text =
        quiet
        ? "\(pushed.digest)\n"
        : "\(reference.familiarName): digest: \(pushed.digest) size: \(pushed.size)\n"
      writeAll(STDOUT_FILENO, Array(text.utf8))
    }
  }
}

extension PushCommand {
  /// The image of a name; ids count for nothing here.
  private func find(_ reference: ImageReference, in store: OCILayoutStore) throws -> Descriptor {
    do throws(StoreError) {
      guard let found = try store.descriptor(of: reference) else { throw .noSuchImage(reference) }
      return found
    } catch {
      throw Failure(storeSentence(error), status: Exit.status(of: error))
    }
  }
}

/// Pushes an image, shows how it goes, and says why it does not.
func pushImage(
  _ image: Descriptor, as reference: ImageReference, _ platforms: ImagePush.Platforms,
  _ client: RegistryClient,
  _ store: OCILayoutStore, _ view: TransferView, withReferrers: Bool = false
) throws -> Descriptor {
  do throws(RegistryError) {
    let push = ImagePush(client, store: store, withReferrers: withReferrers) { view.show($0) }
    let pushed = try push.push(image, as: reference, platforms)
    view.end()
    view.result(reference.familiarName, "Pushed", pushed.digest)
    if case .available = platforms, pushed.digest != image.digest {
      view.note(
        "\(reference.familiarName): only the image for this machine is in the local store, and it alone was pushed; "
          + "`slipway pull --all-platforms` brings in the others")
    }
    return pushed
  } catch {
    throw view.end(transferFailure(error, reference))
  }
}
