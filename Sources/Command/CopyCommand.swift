import ArgumentParser
import Glibc
import ImageStore
import Isolation
import OCIModel
import Registry

/// `slipway copy`
struct CopyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "copy", abstract: "Copy an image between registries, layouts, archives and the local store.",
    discussion: """
      Places are written as skopeo writes them: docker://NAME is a registry, oci:FOLDER[:NAME] an OCI layout, \
      oci-archive:FILE[:NAME] and docker-archive:FILE[:NAME] an archive, and anything else an image of the local store. \
      The image stays what it is, byte for byte, with all its platforms: its digest is the same in both places. What the \
      local store is not a part of leaves nothing in it.
      """)

  @Option(
    help: ArgumentHelp(
      "Copy the image for this platform alone. Default: all that there are.", valueName: "os/arch"))
  var platform: String?
  @Flag(name: [.customShort("q"), .long], help: "Print the digest alone.")
  var quiet = false
  @Flag(
    help: ArgumentHelp(
      "Copy what refers to the image, too: signatures, attestations, lists of its parts."))
  var referrers = false
  @OptionGroup var transfer: TransferOptions
  @OptionGroup var registry: RegistryOptions
  @OptionGroup var mirror: MirrorOptions
  @OptionGroup var store: StoreOptions
  @Argument(help: "Where the image is.")
  var source: String
  @Argument(help: "Where it is to be.")
  var destination: String

  func run() throws {
    let from = try ImagePlace(source)
    let to = try ImagePlace(destination)
    let target = try target(to)
    let platform = try platform.map(platformOption)
    let store = try store.open()
    let cancellation = try Interruption.start()
    let staging: OCILayoutStore
    do throws(StoreError) {
      // Blobs that only pass through go with the folder when the command ends.
      staging = try passesThrough(from, to) ? .open(root: store.makeTemporaryFolder()) : store
    } catch {
      throw Failure("the local store: \(storeSentence(error))", status: Exit.unable)
    }
    var found = try fetch(from, platform, into: staging, cancellation)
    if let platform { found.image = try choose(platform, of: found.image, in: staging) }
    try put(found, to, target, from: staging, cancellation)
    let text =
      quiet
      ? "\(found.image.digest)\n" : "Copied \(source) to \(destination)\nDigest: \(found.image.digest)\n"
    writeAll(STDOUT_FILENO, Array(text.utf8))
  }

  private struct Found {
    var image: Descriptor
    /// What the source calls it.
    var names: [ImageReference]
  }

  private func passesThrough(_ from: ImagePlace, _ to: ImagePlace) -> Bool {
    switch (from, to) {
    case (.stored, _), (_, .stored): false
    default: true
    }
  }

  /// What the image is called where it goes.
  private struct Target {
    /// nil where the destination says none.
    var name: ImageReference?
    /// In a layout, what the destination says, to the letter.
    var label: String?
  }

  private func target(_ place: ImagePlace) throws -> Target {
    var target = Target()
    switch place {
    case .registry(let reference): target.name = reference
    case .stored(let text): target.name = try imageName(text)
    case .dockerArchive(_, let text): target.name = try text.map(imageName)
    case .layout(_, let text), .archive(_, let text):
      target.label = text
      // A lone word is a tag in a layout, as with skopeo and umoci, and no name elsewhere.
      if let text, text.contains(where: { $0 == ":" || $0 == "/" || $0 == "@" }) {
        target.name = try imageName(text)
      } else if let text {
        // What may be a tag of anything.
        _ = try imageName("x:" + text)
      }
    }
    if let name = target.name, name.digest != nil {
      throw Failure(
        "\(name.familiarName): a name with a digest stands for one content, and cannot be given; write a tag",
        status: Exit.unable)
    }
    target.name = target.name?.tagged
    return target
  }

  // MARK: From

  private func fetch(
    _ place: ImagePlace, _ platform: Platform?, into staging: OCILayoutStore, _ cancellation: Cancellation
  ) throws -> Found {
    switch place {
    case .stored(let text):
      let operand = try ImageOperand(text, in: staging)
      return Found(image: operand.descriptor, names: operand.name.map { [$0] } ?? [])
    case .registry(let reference):
      let view = TransferView(.pull, transfer.mode(isQuiet: quiet))
      let client = registry.client(cancel: cancellation.descriptor, mirrors: try mirror.mirrors()) {
        view.note($0)
      }
      do throws(RegistryError) {
        let image = try ImagePull(client, store: staging, withReferrers: referrers) { view.show($0) }
          .fetch(reference, platform.map { .one($0) } ?? .all)
        view.end()
        return Found(image: image, names: reference.digest == nil ? [reference.tagged] : [])
      } catch {
        throw view.end(transferFailure(error, reference))
      }
    case .layout(let path, let name), .archive(let path, let name), .dockerArchive(let path, let name):
      return try load(path, name, into: staging)
    }
  }

  private func load(_ path: String, _ name: String?, into staging: OCILayoutStore) throws -> Found {
    let view = TransferView(.load, transfer.mode(isQuiet: quiet))
    let images: [LoadedImage]
    do throws(StoreError) {
      images = try staging.fetch(Array(path.utf8), withReferrers: referrers) { view.show($0) }
      view.end()
    } catch {
      throw view.end(Failure("\(path): \(storeSentence(error))", status: Exit.status(of: error)))
    }
    let matches = images.filter { $0.answers(to: name) }
    guard let image = matches.first else {
      let names = images.flatMap(\.shownNames).sorted()
      throw Failure(
        "\(path): there is no image \(name ?? "") in it"
          + (names.isEmpty ? "" : "; there are \(names.joined(separator: ", "))"))
    }
    guard matches.count == 1 else {
      let names = matches.map { $0.shownNames.first ?? $0.descriptor.digest.description }
      throw Failure(
        "\(path): there are \(matches.count) images in it: write \(path):NAME with one of \(names.joined(separator: ", "))"
      )
    }
    return Found(image: image.descriptor, names: image.names)
  }

  private func choose(_ platform: Platform, of image: Descriptor, in staging: OCILayoutStore) throws
    -> Descriptor
  {
    do throws(StoreError) {
      return try staging.resolve(image, platform: platform).descriptor.bare
    } catch {
      throw Failure("\(source): \(storeSentence(error))", status: Exit.status(of: error))
    }
  }

  // MARK: To

  private func export(
    _ image: Descriptor, _ names: [ImageReference], _ label: String?, from staging: OCILayoutStore
  ) throws(StoreError) -> ArchiveExport {
    try ArchiveExport(store: staging, image: image, names: names, label: label, withReferrers: referrers)
  }

  private func put(
    _ found: Found, _ place: ImagePlace, _ target: Target, from staging: OCILayoutStore,
    _ cancellation: Cancellation
  ) throws {
    // Who says a word for a name wants no other name.
    let names = target.name.map { [$0] } ?? (target.label == nil ? found.names : [])
    if case .registry(let reference) = place {
      let view = TransferView(.push, transfer.mode(isQuiet: quiet))
      let client = registry.client(cancel: cancellation.descriptor) { view.note($0) }
      let pushed = try pushImage(
        found.image, as: reference, .all, client, staging, view, withReferrers: referrers)
      assert(pushed.digest == found.image.digest)
      return
    }
    do throws(StoreError) {
      switch place {
      case .registry: break
      case .stored: try staging.add(found.image, names: names)
      case .layout(let path, _):
        try export(found.image, names, target.label, from: staging).writeFolder(to: Array(path.utf8))
      case .archive(let path, _), .dockerArchive(let path, _):
        try export(found.image, names, target.label, from: staging).writeTar(to: Array(path.utf8))
      }
    } catch {
      throw Failure("\(destination): \(storeSentence(error))", status: Exit.status(of: error))
    }
  }
}

extension LoadedImage {
  /// What it may be named by, for messages: its names, and what a layout calls it besides.
  fileprivate var shownNames: [String] {
    let known = names.flatMap { [$0.familiarName, $0.fullName, $0.tag ?? ""] }
    return names.map(\.familiarName) + Set(labels).subtracting(known).sorted()
  }
}
