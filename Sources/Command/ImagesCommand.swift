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

  private func table(_ rows: [[String]]) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      var line = cells.joined(separator: "   ")
      while line.hasSuffix(" ") { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}

/// A number of bytes as docker shows it: three digits that count, and a unit of 1000.
func byteCount(_ bytes: Int64) -> String {
  var value = Double(bytes)
  var unit = 0
  let units = ["B", "kB", "MB", "GB", "TB", "PB"]
  while value >= 999.5, unit < units.count - 1 {
    value /= 1000
    unit += 1
  }
  if unit == 0 { return "\(bytes)B" }
  let digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
  var scale = 1
  for _ in 0..<digits { scale *= 10 }
  let rounded = Int((value * Double(scale)).rounded())
  guard digits > 0 else { return "\(rounded)\(units[unit])" }
  let fraction = String(rounded % scale)
  return
    "\(rounded / scale).\(String(repeating: "0", count: digits - fraction.count))\(fraction)\(units[unit])"
}
