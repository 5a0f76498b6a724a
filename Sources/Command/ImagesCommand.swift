import ArgumentParser
import Glibc
import ImageStore
import OCIModel

/// `slipway images`
struct ImagesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images", abstract: "List the images of the local store.")

  @Flag(name: [.customShort("q"), .long], help: "Print ids only.")
  var quiet = false
  @Flag(help: "Print ids in full.")
  var noTrunc = false
  @Flag(help: "Show digests too.")
  var digests = false
  @Option(
    name: [.customShort("f"), .long],
    help: ArgumentHelp(
      "Only what passes: reference=PATTERN, dangling=true|false, label=NAME[=VALUE], before=IMAGE or since=IMAGE. "
        + "May be repeated.", valueName: "filter"))
  var filter: [String] = []
  @Option(
    help: ArgumentHelp(
      "table, json (an object a line), or a text like '{{.Repository}}:{{.Tag}}'.", valueName: "format"))
  var format = "table"
  @OptionGroup var store: StoreOptions
  @Argument(
    help: ArgumentHelp("Only images of this name, with every tag unless one is given.", valueName: "name"))
  var name: String?

  private static let fields = ["Repository", "Tag", "Digest", "ID", "Platform", "CreatedAt", "Size"]

  func run() throws {
    let template = try RowTemplate(format, fields: Self.fields)
    var filters = try filter.map { try ImageFilter($0) }
    if let name {
      _ = try imageName(name)
      filters.append(try ImageFilter("reference=\(name)"))
    }
    let store = try store.open()
    var rows: [NamedRow] = []
    do {
      for image in try store.images() {
        let entry = try entry(image, store)
        guard try passes(filters, entry, store) else { continue }
        rows.append(row(entry))
      }
    } catch let error as StoreError {
      throw Failure(storeSentence(error), status: Exit.unable)
    }
    writeAll(STDOUT_FILENO, Array((quiet ? ids(rows) : template.text(of: rows, usual: columns)).utf8))
  }

  private var columns: [(name: String, heading: String)] {
    [("Repository", "REPOSITORY"), ("Tag", "TAG")] + (digests ? [("Digest", "DIGEST")] : [])
      + [("ID", "IMAGE ID"), ("Platform", "PLATFORM"), ("CreatedAt", "CREATED"), ("Size", "SIZE")]
  }

  private func ids(_ rows: [NamedRow]) -> String {
    var seen: Set<String> = []
    let ids = rows.compactMap { row in row.first { $0.name == "ID" }?.value }
    return ids.filter { seen.insert($0).inserted }.map { $0 + "\n" }.joined()
  }

  /// An image with what is known of it; of an image for other platforms only, these.
  private struct Entry {
    var image: StoredImage
    var resolved: ResolvedImage?
    var platforms: [Platform]
  }

  private func entry(_ image: StoredImage, _ store: OCILayoutStore) throws(StoreError) -> Entry {
    do throws(StoreError) {
      let resolved = try store.resolve(image.descriptor, platform: nil)
      return Entry(image: image, resolved: resolved, platforms: [resolved.config.platform])
    } catch .noSuchPlatform(_, let available) {
      return Entry(image: image, resolved: nil, platforms: available)
    }
  }

  private func passes(_ filters: [ImageFilter], _ entry: Entry, _ store: OCILayoutStore) throws -> Bool {
    try filters.allSatisfy { filter in
      try filter.accepts(entry.image, entry.resolved?.config) { name in
        let descriptor = try ImageOperand(name, in: store).descriptor
        return try store.resolve(descriptor, platform: nil).config.created ?? ""
      }
    }
  }

  /// The image's id is the digest of its manifest: it stands for the content whatever the name is.
  private func row(_ entry: Entry) -> NamedRow {
    let digest = entry.image.descriptor.digest
    let size = entry.resolved.map { image in
      byteCount(image.manifest.layers.reduce(image.manifest.config.size) { $0 + $1.size })
    }
    return [
      ("Repository", entry.image.name?.familiarRepository ?? "<none>"),
      ("Tag", entry.image.name?.tag ?? "<none>"),
      ("Digest", digest.description), ("ID", noTrunc ? digest.description : String(digest.hex.prefix(12))),
      ("Platform", entry.platforms.map(\.description).joined(separator: ",")),
      ("CreatedAt", entry.resolved?.config.created.map { String($0.prefix(10)) } ?? ""), ("Size", size ?? ""),
    ]
  }
}
