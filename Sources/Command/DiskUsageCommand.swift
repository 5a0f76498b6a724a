import ArgumentParser
import Glibc
import ImageBuild
import ImageStore
import JSONText
import OCIModel

/// `slipway du`
struct DiskUsageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "du", abstract: "Show what takes room in the local store.",
    discussion: """
      RECLAIMABLE is what can go: of images those without a name (`slipway rmi`), of the build cache the layers that no image \
      has, and blobs that nothing needs (`slipway prune`), and what cache mounts keep (`slipway prune --all`). ACTIVE are \
      images with a name, steps whose layer is in an image, and work that goes on.
      """)

  @Flag(name: [.customShort("v"), .long], help: "Show every image, step and cache mount.")
  var verbose = false
  @Option(
    help: ArgumentHelp(
      "table, json (an object a line; with -v one object of all), or a text like '{{.Type}}: {{.Size}}'.",
      valueName: "format"))
  var format = "table"
  @OptionGroup var store: StoreOptions

  private static let columns = [
    ("Type", "TYPE"), ("TotalCount", "TOTAL"), ("Active", "ACTIVE"), ("Size", "SIZE"),
    ("Reclaimable", "RECLAIMABLE"),
  ]

  func validate() throws {
    if verbose, !["", "table", "json"].contains(format) {
      throw ValidationError("-v has no text of one's own: --format is table or json then")
    }
  }

  func run() throws {
    let template = try RowTemplate(format, fields: Self.columns.map(\.0))
    // Folders of cache mounts that belong to others can be looked into then. Without that, what can be seen is counted.
    _ = RangeMark.enter(store.path)
    let store = try store.open()
    let usage: StoreUsage
    do throws(StoreError) {
      usage = try StoreUsage(store)
    } catch {
      throw Failure(storeSentence(error), status: Exit.unable)
    }
    let output: [UInt8]
    if verbose {
      output = format == "json" ? usage.json : Array(usage.tables.utf8)
    } else {
      var text = template.text(of: usage.rows, usual: Self.columns)
      if template.parts == nil, template.columns == nil { text += "\nTotal: \(byteCount(usage.total))\n" }
      output = Array(text.utf8)
    }
    writeAll(STDOUT_FILENO, output)
  }
}

extension BlobUsage.Image {
  fileprivate var isNameless: Bool { names.isEmpty && labels.isEmpty }
}

/// What is in a store, as `slipway du` shows it.
private struct StoreUsage {
  private let blobs: BlobUsage
  private let mounts: [KeptMount]
  private let work: (count: Int, size: Int64)

  init(_ store: OCILayoutStore) throws(StoreError) {
    blobs = try store.blobUsage()
    mounts = try store.keptMounts()
    work = try store.unfinishedWork()
  }

  private var mountsSize: Int64 { mounts.reduce(0) { $0 + $1.size } }

  /// Bytes of everything.
  var total: Int64 {
    blobs.imagesSize + blobs.stepsSize + blobs.recordsSize + mountsSize + blobs.unneeded.size + work.size
  }

  var rows: [NamedRow] {
    func row(_ type: String, _ count: Int, active: Int, _ size: Int64, reclaimable: Int64) -> NamedRow {
      let percent = size > 0 ? " (\(reclaimable * 100 / size)%)" : ""
      return [
        ("Type", type), ("TotalCount", "\(count)"), ("Active", "\(active)"), ("Size", byteCount(size)),
        ("Reclaimable", byteCount(reclaimable) + percent),
      ]
    }
    return [
      row(
        "Images", blobs.images.count, active: blobs.images.count { !$0.isNameless }, blobs.imagesSize,
        reclaimable: blobs.namelessSize),
      row(
        "Build Cache", blobs.steps.count, active: blobs.steps.count { $0.isInImage },
        blobs.stepsSize + blobs.recordsSize, reclaimable: blobs.stepsSize),
      row("Cache Mounts", mounts.count, active: 0, mountsSize, reclaimable: mountsSize),
      row(
        "Unneeded Blobs", blobs.unneeded.digests.count, active: 0, blobs.unneeded.size,
        reclaimable: blobs.unneeded.size),
      row("Unfinished Work", work.count, active: work.count, work.size, reclaimable: 0),
    ]
  }

  // MARK: -v

  /// An image for each of its names.
  private var images: [(repository: String, tag: String, image: BlobUsage.Image)] {
    blobs.images.flatMap { image in
      if image.isNameless { return [("<none>", "<none>", image)] }
      return image.names.map { ($0.familiarRepository, $0.tag ?? "<none>", image) }
        + image.labels.map { ("<none>", LogLines.plain($0), image) }
    }
  }

  var tables: String {
    let heads = ["REPOSITORY", "TAG", "IMAGE ID", "SIZE", "SHARED SIZE", "UNIQUE SIZE"]
    var text = "Images space usage: \(byteCount(blobs.imagesSize))\n\n"
    text += table(
      [heads]
        + images.map { repository, tag, image in
          [
            repository, tag,
            String(image.descriptor.digest.hex.prefix(12)), byteCount(image.size),
            byteCount(image.sharedSize), byteCount(image.size - image.sharedSize),
          ]
        })
    text += "\nBuild cache usage: \(byteCount(blobs.stepsSize + blobs.recordsSize + mountsSize))\n\n"
    text += table(
      [["CACHE ID", "CACHE TYPE", "SIZE", "LAST USED", "SHARED", "MOUNT"]]
        + blobs.steps.map { step in
          [
            String(step.key.hex.prefix(12)), "regular", byteCount(step.size), time(step.used),
            "\(step.isInImage)", "",
          ]
        }
        + mounts.map { mount in
          [
            String(mount.key.prefix(12)), "exec.cachemount", byteCount(mount.size), time(mount.used),
            "false", LogLines.plain(String(decoding: mount.name, as: UTF8.self)),
          ]
        })
    text += "\nUnneeded blobs: \(blobs.unneeded.digests.count), \(byteCount(blobs.unneeded.size))\n"
    text += "Unfinished work: \(byteCount(work.size))\n"
    return text + "Total: \(byteCount(total))\n"
  }

  private func time(_ seconds: Int64) -> String { timestampText(seconds: seconds, nanoseconds: 0) }

  /// One object with everything; sizes are bytes.
  var json: [UInt8] {
    var writer = JSONWriter(style: .pretty, escaping: .go)
    writer.object { writer in
      writer.member("Images") { writer in
        writer.array(blobs.images) { writer, image in
          writer.object { writer in
            writer.member("ID", image.descriptor.digest.description)
            writer.member("RepoTags", image.names.map(\.familiarName))
            writer.member("Size", image.size)
            writer.member("SharedSize", image.sharedSize)
            writer.member("UniqueSize", image.size - image.sharedSize)
          }
        }
      }
      writer.member("BuildCache") { writer in
        writer.array { writer in
          for step in blobs.steps {
            writer.object { writer in
              writer.member("ID", step.key.hex)
              writer.member("CacheType", "regular")
              writer.member("Size", step.size)
              writer.member("LastUsedAt", time(step.used))
              writer.member("Shared", step.isInImage)
            }
          }
          for mount in mounts {
            writer.object { writer in
              writer.member("ID", mount.key)
              writer.member("CacheType", "exec.cachemount")
              writer.member("Size", mount.size)
              writer.member("LastUsedAt", time(mount.used))
              writer.member("Shared", false)
              writer.member("Mount", String(decoding: mount.name, as: UTF8.self))
            }
          }
        }
      }
      writer.member("ImagesSize", blobs.imagesSize)
      writer.member("BuildCacheSize", blobs.stepsSize + blobs.recordsSize + mountsSize)
      writer.member("UnneededSize", blobs.unneeded.size)
      writer.member("UnfinishedSize", work.size)
      writer.member("TotalSize", total)
    }
    return writer.bytes + (writer.bytes.last == 0x0A ? [] : [0x0A])
  }
}
