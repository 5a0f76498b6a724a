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

  /// Reads `type=local,src=FOLDER`, `type=registry,ref=NAME`, or for a target `type=local,dest=FOLDER` and
  /// `type=inline`, with `mode=min|max`. A name alone is a registry's, as with buildx.
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
      } else if try !readMode(part) {
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
        if try !readMode(part) {
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

  private func refusal(_ reason: String) -> Failure {
    Failure("\(direction.rawValue) \(text): \(reason)", status: Exit.unable)
  }

  /// The cache to read; nil if there is none yet, as before the first build of a pipeline.
  /// - Parameter warn: told why a registry's cache cannot be read: a build does not depend on it.
  func openSource(_ client: RegistryClient, warn: (String) -> Void) throws -> (any CacheSource)? {
    switch place {
    case .folder(let path):
      do throws(StoreError) {
        return try OCILayoutStore.openIfPresent(root: absolute(Array(path.utf8)))
      } catch {
        throw refusal(storeSentence(error))
      }
    case .registry(let reference):
      do throws(RegistryError) {
        return try RegistryCache(client, reference)
      } catch {
        warn("\(direction.rawValue) \(text): \(registrySentence(error).message)")
        return nil
      }
    case .image: return nil
    }
  }

  /// Writes steps of a store's cache to the folder, which is made if it is missing, or to the registry.
  func export(_ keys: [Digest], of store: OCILayoutStore, _ client: RegistryClient, _ view: TransferView)
    throws
  {
    switch place {
    case .folder(let path):
      do throws(StoreError) {
        try store.exportSteps(keys, to: OCILayoutStore.open(root: absolute(Array(path.utf8))))
      } catch {
        throw refusal(storeSentence(error))
      }
    case .registry(let reference):
      do throws(RegistryError) {
        try RegistryCache.export(keys, of: store, client, to: reference) { view.show($0) }
        view.end()
      } catch {
        view.end()
        throw transferFailure(error, reference)
      }
    case .image: break
    }
  }
}
