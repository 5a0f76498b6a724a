import DockerfileLint
import FileTree
import Glibc
import ImageStore
import OCIModel
import Synchronization

/// What is known beside the Dockerfiles of a lint run: images in the local store, and ignore files.
///
/// Nothing is read before a rule asks, and nothing is made: without a store no image is known.
final class LintFacts: Sendable {
  private let root: [UInt8]?
  private let state = Mutex(State())

  private struct State {
    /// The store, once somebody has asked for it; nil inside when there is none.
    var store: OCILayoutStore??
    var images: [String: ImageFacts?] = [:]
  }

  /// - Parameter root: the value of `--root`; nil without.
  init(root: String? = nil) {
    self.root = storeRoot(
      option: root.map { Array($0.utf8) }, slipwayRoot: environment("SLIPWAY_ROOT"),
      dataHome: environment("XDG_DATA_HOME"), home: environment("HOME")
    ).map(absolute)
  }

  /// What a linter may ask about the Dockerfile of a path; `-` lies in no folder and has no ignore file.
  func environment(for path: String) -> LintEnvironment {
    let ignored = path == "-" ? nil : ContextIgnoreFile(beside: path)
    var environment = LintEnvironment(
      imageFacts: { self.facts(of: $0) }, ignoredPath: ignored.map { file in { file.verdict(on: $0) } })
    environment.platform = Platform.host.description
    return environment
  }

  // MARK: Images

  private func facts(of name: String) -> ImageFacts? {
    state.withLock { state in
      if let known = state.images[name] { return known }
      if state.store == nil { state.store = .some(openStore()) }
      var found: ImageFacts?
      if let store = state.store ?? nil { found = Self.facts(of: name, in: store) }
      state.images[name] = .some(found)
      return found
    }
  }

  /// Opens the store where there is one. One that cannot be read knows no image: that is no matter of the Dockerfile.
  private func openStore() -> OCILayoutStore? {
    guard let root, unsafe access(String(decoding: root, as: UTF8.self) + "/oci-layout", R_OK) == 0 else {
      return nil
    }
    return try? OCILayoutStore.open(root: root)
  }

  private static func facts(of name: String, in store: OCILayoutStore) -> ImageFacts? {
    guard let reference = try? ImageReference(parsing: name),
      let image = try? store.resolve(reference, platform: nil)
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
    facts.hasHealthcheck = config.healthcheck.map { $0.test != ["NONE"] && !$0.test.isEmpty } ?? false
    // An index may hold the image for other platforms too.
    let platform = image.config.platform.normalized
    facts.platform = image.root == image.descriptor ? "\(platform.os)/\(platform.architecture)" : ""
    return facts
  }
}

/// The ignore file of the context that a Dockerfile is most likely built with: `NAME.dockerignore` beside it, else the
/// `.dockerignore` of its folder.
private final class ContextIgnoreFile: Sendable {
  private let candidates: [String]
  /// The patterns, once somebody has asked; nil inside without a file, or with one that cannot be read.
  private let patterns = Mutex<IgnoreFile??>(nil)

  init(beside dockerfile: String) {
    let folder = dockerfile.lastIndex(of: "/").map { String(dockerfile[...$0]) } ?? ""
    candidates = [dockerfile + ".dockerignore", folder + ".dockerignore"]
  }

  /// Whether a path of the context is left out for certain.
  func verdict(on path: String) -> LintEnvironment.IgnoredPath {
    let file = patterns.withLock { patterns in
      if let known = patterns { return known }
      let read = read()
      patterns = .some(read)
      return read
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
    for path in candidates where unsafe access(path, R_OK) == 0 {
      guard let source = try? readSource(path) else { return nil }
      return try? IgnoreFile(parsing: source.bytes)
    }
    return nil
  }
}
