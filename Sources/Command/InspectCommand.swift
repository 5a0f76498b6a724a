import ArgumentParser
import Glibc
import ImageStore
import JSONText
import OCIModel

/// `slipway inspect`
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show what an image of the local store is.",
    discussion: """
      `--format json`, the default, is docker's list with one object an image, of what an image has; `config` and \
      `manifest` print the image's own documents as they are stored. Templates of Go are not read: pipe the JSON to jq.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case json, config, manifest }

  @Option(
    name: [.customShort("f"), .long],
    help: "What is printed: json (docker's list), or the config or manifest of the image as stored.")
  var format = Format.json
  @Option(help: ArgumentHelp("The platform, of an image for several.", valueName: "os/arch"))
  var platform: String?
  @Argument(
    help: ArgumentHelp("Images: names as docker writes them, or ids or their beginnings.", valueName: "image")
  )
  var images: [String]
  @OptionGroup var store: StoreOptions

  func validate() throws {
    if images.isEmpty { throw ValidationError("name an image") }
  }

  func run() throws {
    let wanted: Platform?
    do throws(PlatformError) {
      wanted = try platform.map { text throws(PlatformError) in try Platform(parsing: text) }
    } catch {
      throw Failure("--platform: \(platformSentence(error))", status: Exit.unable)
    }
    let store = try store.open()
    var found: [ResolvedImage] = []
    var status: Int32 = 0
    for name in images {
      do {
        found.append(try store.resolve(try ImageOperand(name, in: store).descriptor, platform: wanted))
      } catch let error as StoreError {
        status = Exit.status(reporting: Failure(storeSentence(error), status: Exit.status(of: error)))
      } catch let error as Failure {
        // One wrong name hides none of the other images.
        status = Exit.status(reporting: error)
      }
    }
    do throws(StoreError) {
      switch format {
      case .json: print(try list(found, store))
      case .config:
        for image in found { print(try store.read(image.manifest.config, limit: 16 << 20)) }
      case .manifest:
        for image in found { print(try store.read(image.descriptor, limit: 4 << 20)) }
      }
    } catch {
      throw Failure(storeSentence(error), status: Exit.unable)
    }
    if status != 0 { throw ExitCode(status) }
  }

  private func print(_ bytes: [UInt8]) {
    writeAll(STDOUT_FILENO, bytes.last == 0x0A ? bytes : bytes + [0x0A])
  }

  /// docker's names, in docker's order; the id is the digest of the manifest, as in `slipway images`.
  private func list(_ images: [ResolvedImage], _ store: OCILayoutStore) throws(StoreError) -> [UInt8] {
    let stored = try store.images()
    var writer = JSONWriter(style: .pretty, escaping: .go)
    try writer.array(images) { writer, image throws(StoreError) in
      let names = stored.filter { $0.descriptor.digest == image.root.digest }.compactMap(\.name)
      let config = image.config
      let referrers = try store.referrers(to: Set([image.root.digest, image.descriptor.digest]))
      writer.object { writer in
        writer.member("Id", image.descriptor.digest.description)
        writer.member("RepoTags", names.map(\.familiarName))
        writer.member(
          "RepoDigests", Set(names.map { "\($0.familiarRepository)@\(image.root.digest)" }).sorted())
        writer.member("Created", ifPresent: config.created)
        writer.member("Author", config.author ?? "")
        writer.member("Architecture", config.platform.architecture)
        writer.member("Variant", ifPresent: config.platform.variant)
        writer.member("Os", config.platform.os)
        writer.member("Size", image.manifest.layers.reduce(image.manifest.config.size) { $0 + $1.size })
        writer.member("Config") { config.config.write(to: &$0) }
        writer.member("RootFS") { writer in
          writer.object { writer in
            writer.member("Type", "layers")
            writer.member("Layers", config.diffIDs.map(\.description))
          }
        }
        writer.member("Descriptor") { image.root.write(to: &$0) }
        if !referrers.isEmpty {
          writer.member("Referrers") { writer in
            writer.array(referrers) { writer, referrer in referrer.descriptor.write(to: &writer) }
          }
        }
        if !image.manifest.annotations.isEmpty {
          writer.member("Annotations") { writer in
            writer.object { writer in
              for entry in image.manifest.annotations.entries { writer.member(entry.key, entry.value) }
            }
          }
        }
      }
    }
    return writer.bytes
  }
}
