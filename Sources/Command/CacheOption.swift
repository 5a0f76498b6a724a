import ImageStore
import OCIModel

/// A folder of `--cache-from` or `--cache-to`.
struct CacheOption {
  /// Which of the two options it is.
  enum Direction: String {
    case from = "--cache-from"
    case to = "--cache-to"

    /// The field that names the folder, as buildx calls it.
    fileprivate var pathField: String { self == .from ? "src" : "dest" }
  }

  let direction: Direction
  private let text: String
  private(set) var path = ""
  /// `mode=max`: the steps of all stages that were built, not only those that the image has layers of.
  private(set) var isComplete = false

  /// Reads `type=local,src=FOLDER`, or `type=local,dest=FOLDER[,mode=min|max]`.
  init(_ text: String, _ direction: Direction) throws {
    self.direction = direction
    self.text = text
    guard let fields = csvFields(text) else { throw refusal("a quote has no end") }
    let parts = fields.map {
      $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    }
    guard parts.allSatisfy({ $0.count == 2 }) else {
      throw refusal("caches in registries are not supported yet: write \(form)")
    }
    // Other types have other fields.
    let type = parts.last { $0[0] == "type" }?[1]
    switch type {
    case "local": break
    case nil: throw refusal("`type` is missing: write \(form)")
    case "registry", "inline", "gha", "s3", "azblob":
      throw refusal("type=\(type ?? "") is not supported yet: write \(form)")
    default: throw refusal("there is no type `\(type ?? "")`: write \(form)")
    }
    for part in parts {
      switch (part[0], part[1]) {
      case ("type", _): break
      case (direction.pathField, let value): path = value
      case ("mode", "min") where direction == .to: isComplete = false
      case ("mode", "max") where direction == .to: isComplete = true
      case ("mode", _) where direction == .to: throw refusal("`mode` is min or max")
      default: throw refusal("`\(part[0])` is not supported: write \(form)")
      }
    }
    if path.isEmpty { throw refusal("`\(direction.pathField)` is missing: write \(form)") }
  }

  private var form: String { "type=local,\(direction.pathField)=FOLDER" }

  private func refusal(_ reason: String) -> Failure {
    Failure("\(direction.rawValue) \(text): \(reason)", status: Exit.unable)
  }

  /// The cache to read; nil if there is none yet, as before the first build of a pipeline.
  func openSource() throws -> OCILayoutStore? {
    do throws(StoreError) {
      return try OCILayoutStore.openIfPresent(root: absolute(Array(path.utf8)))
    } catch {
      throw refusal(storeSentence(error))
    }
  }

  /// Writes steps of a store's cache to the folder, which is made if it is missing.
  func export(_ keys: [Digest], of store: OCILayoutStore) throws {
    do throws(StoreError) {
      try store.exportSteps(keys, to: OCILayoutStore.open(root: absolute(Array(path.utf8))))
    } catch {
      throw refusal(storeSentence(error))
    }
  }
}
