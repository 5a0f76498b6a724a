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
      `manifest` print the image's own documents as they are stored. A text with `{{…}}` is filled in for each image, on a line \
      of its own: '{{.Id}}', '{{json .Config.Labels}}', '{{index .RepoDigests 0}}', '{{join .Config.Cmd " "}}', \
      '{{range .RootFS.Layers}}{{println .}}{{end}}', '{{len .RootFS.Layers}}'. More of Go's templates is not read: pipe the JSON to jq.
      """)

  private enum Format {
    case json, config, manifest
    case template(InspectTemplate)

    init(_ text: String) throws {
      switch text {
      case "json", "": self = .json
      case "config": self = .config
      case "manifest": self = .manifest
      case _ where text.contains("{{"): self = .template(try InspectTemplate(text))
      default:
        throw Failure(
          "--format \(text): write json, config, manifest, or a text such as '{{.Id}}'", status: Exit.unable)
      }
    }
  }

  @Option(
    name: [.customShort("f"), .long],
    help: ArgumentHelp(
      "What is printed: json (docker's list), the config or manifest of the image as stored, or a text like '{{.Id}}'.",
      valueName: "format"))
  var format = "json"
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
    let format = try Format(format)
    let wanted: Platform?
    do throws(PlatformError) {
      wanted = try platform.map { text throws(PlatformError) in try Platform(parsing: text) }
    } catch {
      throw Failure("--platform: \(platformSentence(error))", status: Exit.unable)
    }
    let store = try store.open()
    var found: [ResolvedImage] = []
    var others: [OCIModel.Descriptor] = []
    var status: Int32 = 0
    for name in images {
      do {
        let descriptor = try ImageOperand(name, in: store).descriptor
        if case .manifest = format, let other = try noImage(descriptor, in: store) {
          others.append(other)
        } else {
          found.append(try store.resolve(descriptor, platform: wanted))
        }
      } catch let error as StoreError {
        status = Exit.status(reporting: Failure(storeSentence(error), status: Exit.status(of: error)))
      } catch let error as Failure {
        // One wrong name hides none of the other images.
        status = Exit.status(reporting: error)
      }
    }
    if case .template(let template) = format {
      try fill(template, found, store)
      if status != 0 { throw ExitCode(status) }
      return
    }
    do throws(StoreError) {
      switch format {
      case .template: break
      case .json: print(try list(found, store))
      case .config:
        for image in found { print(try store.read(image.manifest.config, limit: 16 << 20)) }
      case .manifest:
        for document in found.map(\.descriptor) + others { print(try store.read(document, limit: 4 << 20)) }
      }
    } catch {
      throw Failure(storeSentence(error), status: Exit.unable)
    }
    if status != 0 { throw ExitCode(status) }
  }

  private func fill(_ template: InspectTemplate, _ images: [ResolvedImage], _ store: OCILayoutStore) throws {
    let document: JSONValue
    do {
      document = try JSONReader.read(list(images, store), limit: .max)
    } catch let error as StoreError {
      throw Failure(storeSentence(error), status: Exit.unable)
    } catch let error as DocumentError {
      throw Failure(documentSentence(error), status: Exit.unable)
    }
    guard case .array(let values) = document else { return }
    for value in values {
      writeAll(STDOUT_FILENO, Array((try template.text(of: value) + "\n").utf8))
    }
  }

  /// The document itself, if it is one that no image is read from: an artifact that another tool has put into the store.
  private func noImage(
    _ descriptor: OCIModel.Descriptor, in store: OCILayoutStore
  ) throws(StoreError) -> OCIModel.Descriptor? {
    do throws(StoreError) {
      _ = try store.resolve(descriptor, platform: nil)
      return nil
    } catch {
      switch error {
      case .notAnImage, .unsupportedLayer: return descriptor
      default: return nil
      }
    }
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
            writer.array(referrers) { writer, referrer in referrer.listed.write(to: &writer) }
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
