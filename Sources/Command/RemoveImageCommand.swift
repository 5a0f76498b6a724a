import ArgumentParser
import Glibc
import ImageStore
import OCIModel

/// `slipway rmi`
struct RemoveImageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rmi", abstract: "Remove images from the local store.",
    discussion: """
      A name is taken away, and with its last name the image goes; an id takes all names of its image away, if it has \
      one only or -f is given. Blobs that nothing needs any more are removed; layers that the build cache has stay, \
      until `slipway prune`.
      """)

  @Flag(name: [.customShort("f"), .long], help: "Remove an image by its id also when it has several names.")
  var force = false
  @OptionGroup var store: StoreOptions
  @Argument(help: ArgumentHelp("The images: names, or ids or their beginnings.", valueName: "image"))
  var images: [String]

  func run() throws {
    let store = try store.open()
    var status: Int32 = 0
    for text in images {
      do {
        let lines = try remove(ImageOperand(text, in: store), as: text, from: store)
        writeAll(STDOUT_FILENO, Array(lines.map { $0 + "\n" }.joined().utf8))
      } catch let error as StoreError {
        status = Exit.status(reporting: Failure(storeSentence(error), status: Exit.status(of: error)))
      } catch let error as Failure {
        // One wrong name keeps none of the other images.
        status = Exit.status(reporting: error)
      }
    }
    do throws(StoreError) {
      _ = try store.collectGarbage()
    } catch .busy {
      Exit.complain("somebody is writing to the store: the blobs stay until the next `slipway prune`")
    } catch {
      throw Failure(storeSentence(error), status: Exit.unable)
    }
    if status != 0 { throw ExitCode(status) }
  }

  /// Takes an image, or one of its names, out of the list.
  /// - Returns: what docker says of it.
  private func remove(_ image: ImageOperand, as text: String, from store: OCILayoutStore) throws -> [String] {
    let digest = image.descriptor.digest
    let entries = try store.images().filter {
      $0.descriptor.digest == digest && ($0.name != nil || $0.label != nil)
    }
    if let label = image.label, entries.count > 1 {
      try store.untag(label: label)
      return ["Untagged: \(label)"]
    }
    if let name = image.name, entries.count > 1 {
      _ = try store.untag(name)
      return ["Untagged: \(name.familiarName)"]
    }
    if image.name == nil, entries.count > 1, !force {
      let list = entries.compactMap { $0.name?.familiarName ?? $0.label }.joined(separator: ", ")
      throw Failure("\(text) has several names: \(list); -f removes it with all of them")
    }
    guard try store.remove(digest) != nil else {
      throw Failure("\(text) is part of an image for several platforms, and goes with it alone")
    }
    return entries.compactMap { $0.name?.familiarName ?? $0.label }.map { "Untagged: \($0)" }
      + ["Deleted: \(digest)"]
  }
}
