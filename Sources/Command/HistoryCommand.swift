import ArgumentParser
import Glibc
import ImageStore
import OCIModel

/// `slipway history`
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Show how an image came about: its instructions and the layers they made.")

  @Flag(help: "Print digests and instructions in full.")
  var noTrunc = false
  @Flag(name: [.customShort("q"), .long], help: "Print the digests of the layers only.")
  var quiet = false
  @OptionGroup var store: StoreOptions
  @Argument(help: "The image: a name as docker writes it, or an id or its beginning.")
  var image: String

  func run() throws {
    let store = try store.open()
    let found = try ImageOperand(image, in: store)
    let resolved: ResolvedImage
    do throws(StoreError) {
      resolved = try store.resolve(found.descriptor, platform: nil)
    } catch {
      throw Failure(storeSentence(error))
    }
    let steps = steps(of: resolved)
    let output =
      quiet ? steps.compactMap(\.layer).map { $0.digest.description + "\n" }.joined() : table(rows(steps))
    writeAll(STDOUT_FILENO, Array(output.utf8))
  }

  private struct Step {
    let layer: Descriptor?
    let createdBy: String
  }

  /// The history with the layers put to the entries that made them, the newest first as docker shows it.
  ///
  /// An image may have layers without history; they stand at the end with no instruction.
  private func steps(of image: ResolvedImage) -> [Step] {
    var layers = image.manifest.layers[...]
    var steps: [Step] = image.config.history.map { entry in
      Step(layer: entry.emptyLayer ? nil : layers.popFirst(), createdBy: entry.createdBy ?? "")
    }
    steps += layers.map { Step(layer: $0, createdBy: "") }
    return steps.reversed()
  }

  private func rows(_ steps: [Step]) -> [[String]] {
    [["LAYER", "SIZE", "CREATED BY"]]
      + steps.map { step in
        let digest = step.layer.map { noTrunc ? $0.digest.description : String($0.digest.hex.prefix(12)) }
        return [digest ?? "-", step.layer.map { byteCount($0.size) } ?? "0B", shown(step.createdBy)]
      }
  }

  /// One line of an instruction: line ends and other control characters shown as blanks.
  private func shown(_ text: String) -> String {
    let line = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
    return noTrunc || line.count <= 80 ? line : line.prefix(79) + "…"
  }
}
