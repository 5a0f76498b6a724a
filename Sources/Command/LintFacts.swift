import DockerfileLint
import FileTree
import Glibc
import ImageStore
import OCIModel
import SourceText
import Synchronization

/// What is known beside the Dockerfiles of a lint run: images in the local store, and ignore files.
///
/// Nothing is read before a rule asks, and nothing is made: without a store no image is known.
final class LintFacts: Sendable {
  private let root: [UInt8]?
  private let check: CheckDirective.Options?
  /// What images are built for.
  private let platform = Platform.host.description
  private let ignoreFiles = IgnoreFileNames()
  private let state = Mutex(State())

  private struct State {
    /// Whether somebody has asked for the store.
    var isOpened = false
    /// The store with its index, which is read once; nil where there is none, or nothing in it.
    var store: (layout: OCILayoutStore, index: ImageIndex)?
    /// What has been looked up; what is not there as well.
    var images: [String: Lookup] = [:]

    mutating func facts(of name: String, root: [UInt8]?) -> ImageFacts? {
      if !isOpened {
        isOpened = true
        store = Self.openStore(root)
      }
      guard let store else { return nil }
      if let known = images[name] { return known.facts }
      let facts = LintFacts.facts(of: name, in: store.layout, store.index)
      images[name] = Lookup(facts: facts)
      return facts
    }

    /// Opens the store where there is one. One that cannot be read knows no image: that is no matter of the Dockerfile.
    private static func openStore(_ root: [UInt8]?) -> (OCILayoutStore, ImageIndex)? {
      guard let root, unsafe access(String(decoding: root, as: UTF8.self) + "/oci-layout", R_OK) == 0 else {
        return nil
      }
      guard let layout = try? OCILayoutStore.open(root: root), let index = try? layout.readIndex(),
        !index.manifests.isEmpty
      else { return nil }
      return (layout, index)
    }
  }

  private struct Lookup {
    let facts: ImageFacts?
  }

  /// - Parameters:
  ///   - root: the value of `--root`; nil without.
  ///   - check: what holds in place of the `# check=` of each file; nil for what the file says.
  init(root: String? = nil, check: CheckDirective.Options? = nil) {
    self.check = check
    self.root = storeRoot(
      option: root.map { Array($0.utf8) }, slipwayRoot: environment("SLIPWAY_ROOT"),
      dataHome: environment("XDG_DATA_HOME"), home: environment("HOME")
    ).map(absolute)
  }

  /// What a linter may ask about the Dockerfile of a path; `-` lies in no folder and has no ignore file.
  func lintEnvironment(for path: String) -> LintEnvironment {
    var environment = LintEnvironment(imageFacts: { self.facts(of: $0) })
    if path != "-" {
      let file = ContextIgnoreFile(beside: path, ignoreFiles)
      environment.ignoredPath = { file.verdict(on: $0) }
    }
    environment.check = check
    environment.platform = platform
    return environment
  }

  // MARK: Images

  private func facts(of name: String) -> ImageFacts? {
    let root = root
    return state.withLock { $0.facts(of: name, root: root) }
  }

  private static func facts(of name: String, in store: OCILayoutStore, _ index: ImageIndex) -> ImageFacts? {
    guard let reference = try? ImageReference(parsing: name),
      let descriptor = try? store.descriptor(of: reference, in: index),
      let image = try? store.resolve(descriptor, platform: nil)
    else { return nil }
    let config = image.config.config
    var facts = ImageFacts()
    for variable in config.environment {
      let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      facts.environment[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
    }
    facts.shell = config.shell.flatMap { $0.isEmpty ? nil : $0 }
    facts.user = config.user ?? ""
    facts.hasWorkingDirectory = config.workingDirectory.map { !$0.isEmpty && $0 != "/" } ?? false
    facts.hasHealthcheck = !["NONE", nil].contains(config.healthcheck?.test?.first)
    // An index may hold the image for other platforms too.
    let platform = image.config.platform.normalized
    facts.platform = image.root == image.descriptor ? "\(platform.os)/\(platform.architecture)" : ""
    return facts
  }
}

/// The ignore file of the context that a Dockerfile is most likely built with: `NAME.dockerignore` beside it, else the
/// `.dockerignore` of its folder.
private final class ContextIgnoreFile: Sendable {
  private let dockerfile: String
  private let names: IgnoreFileNames
  private let content = Mutex<Content>(.unread)

  private enum Content {
    case unread
    /// There is no file, or it cannot be read.
    case none
    case patterns(IgnoreFile)
  }

  init(beside dockerfile: String, _ names: IgnoreFileNames) {
    self.dockerfile = dockerfile
    self.names = names
  }

  /// Whether a path of the context is left out for certain.
  func verdict(on path: String) -> LintEnvironment.IgnoredPath {
    let file = content.withLock { (content: inout Content) -> IgnoreFile? in
      if case .unread = content { content = read().map { .patterns($0) } ?? .none }
      if case .patterns(let file) = content { return file }
      return nil
    }
    guard let file else { return .unknown }
    let cleaned = BytePath(Array("/".utf8) + Array(path.utf8)).cleaned.bytes.dropFirst()
    let place = BytePath(cleaned)
    let mayReturn = file.mayReinclude(below: place)
    if place.isEmpty {
      // The context as a whole: only patterns that match every name leave nothing of it.
      let names = ["a", ".a", "a.b", "-", "0 name that nobody has"]
      return names.allSatisfy { file.excludes(BytePath($0)) } && !mayReturn ? .ignored : .kept
    }
    guard file.excludes(place) else { return .kept }
    // What a pattern finds below may be taken in again.
    let isPattern = path.utf8.contains { $0 == 0x2A || $0 == 0x3F || $0 == 0x5B }
    return mayReturn || (isPattern && file.mayReinclude(below: BytePath())) ? .unknown : .ignored
  }

  private func read() -> IgnoreFile? {
    let slash = dockerfile.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = slash.map { String(dockerfile[...$0]) } ?? ""
    let name = slash.map { dockerfile[dockerfile.index(after: $0)...] } ?? dockerfile[...]
    guard let path = names.firstReadable(["\(name).dockerignore", ".dockerignore"], in: folder),
      let source = try? readSource(path)
    else { return nil }
    return try? IgnoreFile(parsing: source.bytes)
  }
}
