import ArgumentParser
import Glibc
import ImageStore
import OCIModel

/// `slipway images`
struct ImagesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images", abstract: "List the images of the local store.")

  @Flag(name: [.customShort("q"), .long], help: "Print digests only.")
  var quiet = false
  @Flag(help: "Print digests in full.")
  var noTrunc = false
  @OptionGroup var store: StoreOptions

  func run() throws {
    let store = try store.open()
    var rows = [["REPOSITORY", "TAG", "IMAGE ID", "PLATFORM", "CREATED", "SIZE"]]
    do {
      for image in try store.images() { rows.append(try row(image, store)) }
    } catch {
      throw Failure(storeSentence(error), status: Exit.unable)
    }
    if quiet {
      var seen: Set<String> = []
      let lines = rows.dropFirst().map { $0[2] }.filter { seen.insert($0).inserted }
      writeAll(STDOUT_FILENO, Array(lines.map { $0 + "\n" }.joined().utf8))
      return
    }
    writeAll(STDOUT_FILENO, Array(table(rows).utf8))
  }

  /// The image's id is the digest of its manifest: it stands for the content whatever the name is.
  private func row(_ image: StoredImage, _ store: OCILayoutStore) throws(StoreError) -> [String] {
    let digest = image.descriptor.digest
    let id = noTrunc ? digest.description : String(digest.hex.prefix(12))
    let name = [image.name?.familiarRepository ?? "<none>", image.name?.tag ?? "<none>", id]
    let resolved: ResolvedImage
    do throws(StoreError) {
      resolved = try store.resolve(image.descriptor, platform: nil)
    } catch .noSuchPlatform(_, let available) {
      return name + [available.map(\.description).joined(separator: ","), "", ""]
    }
    let size = resolved.manifest.layers.reduce(resolved.manifest.config.size) { $0 + $1.size }
    let created = resolved.config.created.map { String($0.prefix(10)) } ?? ""
    return name + [resolved.config.platform.description, created, byteCount(size)]
  }
}
