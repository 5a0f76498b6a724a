import FileTree
import ImageStore
import OCIModel

/// A value of `images --filter`: docker's `reference`, `dangling`, `label`, `before` and `since`.
enum ImageFilter {
  case reference(PathPattern)
  case dangling(Bool)
  case label(name: String, value: String?)
  case before(String)
  case since(String)

  init(_ text: String) throws {
    guard let equals = text.firstIndex(of: "=") else {
      throw Failure("--filter \(text): write NAME=VALUE", status: Exit.unable)
    }
    let value = String(text[text.index(after: equals)...])
    switch String(text[..<equals]) {
    case "reference":
      do throws(PatternError) {
        self = .reference(try PathPattern(BytePath(value)))
      } catch {
        throw Failure("--filter \(text): \(patternSentence(error))", status: Exit.unable)
      }
    case "dangling":
      guard let wanted = ["true": true, "1": true, "false": false, "0": false][value] else {
        throw Failure("--filter \(text): write true or false", status: Exit.unable)
      }
      self = .dangling(wanted)
    case "label":
      let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      self = .label(name: parts[0], value: parts.count > 1 ? parts[1] : nil)
    case "before": self = .before(value)
    case "since": self = .since(value)
    case let name:
      throw Failure(
        "--filter \(name): there are reference, dangling, label, before and since", status: Exit.unable)
    }
  }

  /// Whether an image passes; an entry without a configuration is none that something could be said of. `created` tells when an image was made, by its name; RFC 3339, so that texts compare.
  func accepts(
    _ image: StoredImage, _ config: ImageConfig?, isArtifact: Bool, created: (String) throws -> String
  ) rethrows -> Bool {
    switch self {
    case .reference(let pattern):
      Self.matches(image.name, pattern) || image.label.map { pattern.matches(BytePath($0)) } ?? false
    // What another tool has put there is not left over from a build.
    case .dangling(let wanted): (image.name == nil && image.label == nil && !isArtifact) == wanted
    case .label(let name, let value):
      config?.config.labels[name].map { found in value.map { $0 == found } ?? true } ?? false
    case .before(let name): try (config?.created).map { try $0 < created(name) } ?? false
    case .since(let name): try (config?.created).map { try $0 > created(name) } ?? false
    }
  }

  /// docker compares with the familiar name, with the tag and without.
  private static func matches(_ name: ImageReference?, _ pattern: PathPattern) -> Bool {
    guard let name else { return false }
    return pattern.matches(BytePath(name.familiarName)) || pattern.matches(BytePath(name.familiarRepository))
  }
}
