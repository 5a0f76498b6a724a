import ArgumentParser
import FileTree
import Glibc
import ImageBuild
import ImageStore
import OCIModel

/// `slipway history`
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Show how an image came about: its instructions and the layers they made.")

  @Flag(help: "Print digests, instructions and lists of files in full.")
  var noTrunc = false
  @Flag(
    help: ArgumentHelp(
      "Also print the files that each layer adds (+), changes (~) and removes (-), the largest first, and the bytes that layers "
        + "above hide or that repeat layers below."))
  var files = false
  @Flag(name: [.customShort("q"), .long], help: "Print the digests of the layers only.")
  var quiet = false
  @Option(
    help: ArgumentHelp(
      "table, json (an object a line), or a text like '{{.Size}} {{.CreatedBy}}'.", valueName: "format"))
  var format = "table"
  @OptionGroup var store: StoreOptions
  @Argument(help: "The image: a name as docker writes it, or an id or its beginning.")
  var image: String

  func validate() throws {
    if files, quiet { throw ValidationError("--files and --quiet exclude each other") }
    if files, !["", "table"].contains(format) {
      throw ValidationError("--files shows a table of its own: leave --format out")
    }
  }

  /// docker's names.
  private static let fields = ["ID", "CreatedAt", "CreatedSince", "CreatedBy", "Size", "Comment"]
  private static let columns = [("ID", "LAYER"), ("Size", "SIZE"), ("CreatedBy", "CREATED BY")]

  func run() throws {
    let template = try RowTemplate(format, fields: Self.fields)
    let store = try store.open()
    let found = try ImageOperand(image, in: store)
    let resolved: ResolvedImage
    do throws(StoreError) {
      resolved = try store.resolve(found.descriptor, platform: nil)
    } catch {
      throw Failure(storeSentence(error))
    }
    let steps = steps(of: resolved)
    if files {
      writeAll(STDOUT_FILENO, try listing(steps, of: resolved, in: store))
      return
    }
    let output =
      quiet
      ? steps.compactMap(\.layer).map { $0.digest.description + "\n" }.joined()
      : template.text(of: steps.map(row), usual: Self.columns)
    writeAll(STDOUT_FILENO, Array(output.utf8))
  }

  private struct Step {
    let layer: OCIModel.Descriptor?
    /// Which of the image's layers it is, from the lowest on.
    let number: Int?
    let entry: History
  }

  /// The history with the layers put to the entries that made them, the newest first as docker shows it.
  ///
  /// An image may have layers without history; they stand at the end with no instruction.
  private func steps(of image: ResolvedImage) -> [Step] {
    var layers = image.manifest.layers.enumerated().map { $0 }[...]
    var steps: [Step] = image.config.history.map { entry in
      let layer = entry.emptyLayer ? nil : layers.popFirst()
      return Step(layer: layer?.element, number: layer?.offset, entry: entry)
    }
    steps += layers.map { Step(layer: $0.element, number: $0.offset, entry: History()) }
    return steps.reversed()
  }

  private func row(_ step: Step) -> NamedRow {
    let digest = step.layer.map { noTrunc ? $0.digest.description : String($0.digest.hex.prefix(12)) }
    let created = step.entry.created.flatMap(CreationTime.init)
    return [
      ("ID", digest ?? "-"), ("CreatedAt", created?.text ?? ""),
      ("CreatedSince", created?.ago(now: Int64(time(nil))) ?? ""),
      ("CreatedBy", shown(step.entry.createdBy ?? "")),
      ("Size", step.layer.map { byteCount($0.size) } ?? "0B"),
      ("Comment", shown(step.entry.comment ?? "")),
    ]
  }

  // MARK: Files

  /// How many files of a layer are shown without --no-trunc.
  private static let mostFiles = 20

  /// The rows, each with what its layer does to files. Names are bytes: they are printed as they are, but for control characters.
  private func listing(_ steps: [Step], of image: ResolvedImage, in store: OCILayoutStore) throws -> [UInt8] {
    let layers: [LayerFiles]
    do throws(ExportError) {
      layers = try LayerFiles.read(image, in: store)
    } catch {
      throw Failure(exportSentence(error))
    }
    var lines = try RowTemplate("", fields: []).text(of: steps.map(row), usual: Self.columns).split(
      separator: "\n"
    ).map { Array($0.utf8) }
    var output = lines.removeFirst() + [0x0A]
    for (step, line) in zip(steps, lines) {
      output += line + [0x0A]
      guard let number = step.number else { continue }
      output += list(layers[number])
    }
    return output
  }

  private func list(_ layer: LayerFiles) -> [UInt8] {
    let changes =
      noTrunc
      ? layer.changes : layer.changes.sorted { $0.size != $1.size ? $0.size > $1.size : $0.path < $1.path }
    let shown = noTrunc ? changes[...] : changes.prefix(Self.mostFiles)
    var output: [UInt8] = []
    for change in shown {
      let sign =
        switch change.kind {
        case .added: "+"
        case .changed: "~"
        case .removed: "-"
        }
      output += Array("  \(sign) /".utf8) + change.path.bytes.map { $0 < 0x20 || $0 == 0x7F ? 0x3F : $0 }
      output += Array((change.size > 0 ? " (\(byteCount(change.size)))\n" : "\n").utf8)
    }
    if shown.count < changes.count {
      output += Array("  … \(changes.count - shown.count) more (--no-trunc shows all)\n".utf8)
    }
    var remarks: [String] = []
    if layer.hidden > 0 { remarks.append("\(byteCount(layer.hidden)) of it are hidden by layers above") }
    if layer.repeated > 0 { remarks.append("\(byteCount(layer.repeated)) of it repeat layers below") }
    if !remarks.isEmpty { output += Array("  \(remarks.joined(separator: "; "))\n".utf8) }
    return output
  }

  /// One line of an instruction: line ends and other control characters shown as blanks.
  private func shown(_ text: String) -> String {
    let line = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
    return noTrunc || line.count <= 80 ? line : line.prefix(79) + "…"
  }
}
