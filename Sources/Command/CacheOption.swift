import ImageBuild
import ImageStore
import OCIModel
import Registry

/// A cache of `--cache-from` or `--cache-to`.
struct CacheOption {
  /// Which of the two options it is.
  enum Direction: String {
    case from = "--cache-from"
    case to = "--cache-to"

    /// The field that names the folder, as buildx calls it.
    fileprivate var pathField: String { self == .from ? "src" : "dest" }
  }

  enum Place {
    case folder(String)
    case registry(ImageReference)
    /// The image that is built.
    case image
  }

  let direction: Direction
  private let text: String
  private(set) var place = Place.image
  /// `mode=max`: the steps of all stages that were built, not only those that the image has layers of.
  private(set) var isComplete = false
  /// `mounts=all`, or ids: the cache mounts whose folders go along.
  private(set) var mounts = MountChoice.none

  /// Reads `type=local,src=FOLDER`, `type=registry,ref=NAME`, or for a target `type=local,dest=FOLDER` and
  /// `type=inline`, with `mode=min|max`. Both take `mounts=all` and `mounts=ID`, which may be repeated, or have several
  /// ids with commas between them in a field in quotes. A name alone is a registry's, as with buildx.
  init(_ text: String, _ direction: Direction) throws {
    self.direction = direction
    self.text = text
    guard let fields = csvFields(text) else { throw refusal("a quote has no end") }
    if fields.count == 1, !fields[0].contains("=") {
      place = .registry(try name(fields[0]))
      return
    }
    let parts = fields.map {
      $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    }
    guard parts.allSatisfy({ $0.count == 2 }) else { throw refusal("write \(forms)") }
    // Other types have other fields.
    switch parts.last(where: { $0[0] == "type" })?[1] {
    case "local": try readLocal(parts)
    case "registry": try readRegistry(parts)
    case "inline" where direction == .to:
      for part in parts where part[0] != "type" {
        throw refusal("`\(part[0])` is not supported: write type=inline")
      }
    case "inline": throw refusal("an image with its own cache is read with type=registry,ref=NAME")
    case nil: throw refusal("`type` is missing: write \(forms)")
    case "gha"?, "s3"?, "azblob"?: throw refusal("that type is not supported yet: write \(forms)")
    case let type?: throw refusal("there is no type `\(type)`: write \(forms)")
    }
  }

  private mutating func readLocal(_ parts: [[String]]) throws {
    let form = "type=local,\(direction.pathField)=FOLDER"
    var path = ""
    for part in parts where part[0] != "type" {
      if part[0] == direction.pathField {
        path = part[1]
      } else if try !readMode(part), try !readMounts(part) {
        throw refusal("`\(part[0])` is not supported: write \(form)")
      }
    }
    if path.isEmpty { throw refusal("`\(direction.pathField)` is missing: write \(form)") }
    place = .folder(path)
  }

  private mutating func readRegistry(_ parts: [[String]]) throws {
    var reference: ImageReference?
    for part in parts where part[0] != "type" {
      switch (part[0], part[1]) {
      case ("ref", let text): reference = try name(text)
      // What there is anyway.
      case ("image-manifest", "true"), ("oci-mediatypes", "true"): break
      default:
        if try !readMode(part), try !readMounts(part) {
          throw refusal("`\(part[0])` is not supported: write type=registry,ref=NAME")
        }
      }
    }
    guard let reference else { throw refusal("`ref` is missing: write type=registry,ref=NAME") }
    if direction == .to, reference.digest != nil {
      throw refusal("a digest cannot be written to: name a tag")
    }
    place = .registry(reference)
  }

  private mutating func readMode(_ part: [String]) throws -> Bool {
    guard part[0] == "mode", direction == .to else { return false }
    guard part[1] == "min" || part[1] == "max" else { throw refusal("`mode` is min or max") }
    isComplete = part[1] == "max"
    return true
  }

  private mutating func readMounts(_ part: [String]) throws -> Bool {
    guard part[0] == "mounts" else { return false }
    let ids = part[1].split(separator: ",", omittingEmptySubsequences: false).map { Array($0.utf8) }
    guard !ids.contains([]) else { throw refusal("`mounts` is all, or the ids of cache mounts") }
    switch mounts {
    case .all: break
    case _ where ids.contains(Array("all".utf8)): mounts = .all
    case .none: mounts = .ids(ids)
    case .ids(let before): mounts = .ids(before + ids)
    }
    return true
  }

  private func name(_ text: String) throws -> ImageReference {
    do throws(ImageReferenceError) {
      return try ImageReference(parsing: text)
    } catch {
      throw refusal(referenceSentence(error))
    }
  }

  private var forms: String {
    "type=local,\(direction.pathField)=FOLDER or type=registry,ref=NAME"
      + (direction == .to ? " or type=inline" : "")
  }

  /// The option as it was written.
  var title: String { "\(direction.rawValue) \(text)" }

  private func refusal(_ reason: String) -> Failure { Failure("\(title): \(reason)", status: Exit.unable) }
}
