import ArgumentParser
import Glibc
import ImageStore
import OCIModel

/// `slipway images`
struct ImagesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images", abstract: "List the images of the local store.",
    discussion: """
      What another tool has put into the store's layout is listed too: under <none> with the tag that it has there, and as an \
      `artifact` where it is no image.
      """)

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

  @Flag(
    name: [.customShort("a"), .long],
    help: ArgumentHelp("docker's; there are no others to show.", visibility: .hidden))
  var all = false

  private static let fields = [
    "Repository", "Tag", "Digest", "ID", "Platform", "CreatedAt", "CreatedSince", "Size",
  ]

  func run() throws {
    let template = try RowTemplate(format, fields: Self.fields)
    var filters = try filter.map { try ImageFilter($0) }
    if let name { filters.append(try ImageFilter("reference=\(Self.pattern(name))")) }
    let store = try store.open()
    var rows: [NamedRow] = []
    do {
      let unread = try store.readIndex().unread
      if !unread.isEmpty {
        let list = unread.compactMap(\.digest).joined(separator: ", ")
        Exit.complain(
          "not shown, as Slipway cannot read it: \(list.isEmpty ? "an entry without a digest" : list)")
      }
      for image in try store.images() {
        let entry = try entry(image, store)
        guard try passes(filters, entry, store) else { continue }
        rows.append(row(entry))
      }
    } catch let error as StoreError {
      throw Failure(storeSentence(error), status: Exit.unable)
    }
    // The usual table has the day alone.
    if template.parts == nil, template.columns == nil {
      for row in rows.indices {
        for field in rows[row].indices where rows[row][field].name == "CreatedAt" {
          rows[row][field].value = String(rows[row][field].value.prefix(10))
        }
      }
    }
    writeAll(STDOUT_FILENO, Array((quiet ? ids(rows) : template.text(of: rows, usual: columns)).utf8))
  }

  /// What the operand means: every tag of a name without one. With a star or the like it is a pattern, as with docker.
  private static func pattern(_ text: String) throws -> String {
    if text.contains(where: { "*?[".contains($0) }), text.first != "[" { return text }
    let name = try imageName(text)
    let hasTag = text.split(separator: "/").last?.contains(":") ?? false
    // A registry may be `[::1]:5000`, which would be a set of characters.
    return (hasTag ? name.familiarName : name.familiarRepository).replacing("[", with: "\\[")
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
    var platforms: [Platform] = []
    var isArtifact = false
    /// Of what is no image.
    var size: Int64?
  }

  private func entry(_ image: StoredImage, _ store: OCILayoutStore) throws(StoreError) -> Entry {
    do throws(StoreError) {
      let resolved = try store.resolve(image.descriptor, platform: nil)
      return Entry(image: image, resolved: resolved, platforms: [resolved.config.platform])
    } catch {
      switch error {
      case .system: throw error
      case .noSuchPlatform(_, let available): return Entry(image: image, platforms: available)
      case .notAnImage, .unsupportedLayer, .tooMany:
        return Entry(image: image, isArtifact: true, size: artifactSize(image.descriptor, store))
      default:
        // One that is damaged hides none of the others.
        let id = String(image.descriptor.digest.hex.prefix(12))
        Exit.complain("\(image.name?.familiarName ?? image.label ?? id): \(storeSentence(error))")
        return Entry(image: image)
      }
    }
  }

  /// Bytes of the blobs of what is no image, as far as it says.
  private func artifactSize(_ descriptor: OCIModel.Descriptor, _ store: OCILayoutStore) -> Int64 {
    // What cannot be read has the size that it is listed with.
    guard descriptor.mediaType.isManifest, let manifest = try? store.readManifest(descriptor) else {
      return descriptor.size
    }
    return manifest.layers.reduce(manifest.config.size) { $0 + $1.size }
  }

  private func passes(_ filters: [ImageFilter], _ entry: Entry, _ store: OCILayoutStore) throws -> Bool {
    try filters.allSatisfy { filter in
      try filter.accepts(entry.image, entry.resolved?.config, isArtifact: entry.isArtifact) { name in
        let descriptor = try ImageOperand(name, in: store).descriptor
        return try store.resolve(descriptor, platform: nil).config.created ?? ""
      }
    }
  }

  /// The image's id is the digest of its manifest: it stands for the content whatever the name is.
  private func row(_ entry: Entry) -> NamedRow {
    let digest = entry.image.descriptor.digest
    let size = entry.resolved.map { image in
      image.manifest.layers.reduce(image.manifest.config.size) { $0 + $1.size }
    }
    let platforms = entry.platforms.map(\.description).joined(separator: ",")
    let created = entry.resolved?.config.created.flatMap(CreationTime.init)
    return [
      ("Repository", entry.image.name?.familiarRepository ?? "<none>"),
      ("Tag", entry.image.name?.tag ?? entry.image.label.map(LogLines.plain) ?? "<none>"),
      ("Digest", digest.description), ("ID", noTrunc ? digest.description : String(digest.hex.prefix(12))),
      ("Platform", entry.isArtifact ? "artifact" : platforms),
      ("CreatedAt", created?.text ?? ""), ("CreatedSince", created?.ago(now: Int64(time(nil))) ?? ""),
      ("Size", (size ?? entry.size).map(byteCount) ?? ""),
    ]
  }
}
