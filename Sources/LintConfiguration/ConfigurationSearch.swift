import Diagnostics
import SourceText

/// Finds and reads the configuration files of Dockerfiles. Each folder is looked into once, each file is read once.
package struct ConfigurationSearch {
  /// The files that hold for a Dockerfile, weakest first; the same number stands for the same files.
  package typealias Chain = Int

  private let files: any ConfigurationFiles
  private let places: ConfigurationPlaces
  /// The one file that counts in place of what could be found.
  private let explicit: String?
  private let isOff: Bool

  private enum Nearest: Hashable {
    case none
    case file(String)
  }
  private struct Found: Hashable {
    var hadolint: Nearest
    var slipway: Nearest
  }
  private var nearest: [String: Found] = [:]
  private var fallbacks: Found?
  private var chainNumbers: [Found: Chain] = [:]
  private var chains: [[LintConfigurationFile]] = []
  /// What files hold; nil for those that are not there or cannot be read.
  private var contents: [String: [UInt8]?] = [:]
  private var reported: Set<String> = []

  /// What is wrong in the files so far.
  package private(set) var problems: [ConfigurationProblem] = []
  /// Files that could not be read so far.
  package private(set) var failures: [ConfigurationFailure] = []

  /// Makes a search.
  ///
  /// - Parameters:
  ///   - explicit: the file to read in place of a search (`--config`).
  ///   - isOff: whether no file counts (`--no-config`).
  package init(
    files: any ConfigurationFiles, places: ConfigurationPlaces, explicit: String? = nil, isOff: Bool = false
  ) {
    self.files = files
    self.places = places
    self.explicit = explicit
    self.isOff = isOff
  }

  /// The files of a chain, weakest first.
  package func files(of chain: Chain) -> [LintConfigurationFile] {
    chains.indices.contains(chain) ? chains[chain] : []
  }

  /// The files that hold for what lies in a folder, given by its absolute path.
  package mutating func chain(forFolder folder: String) -> Chain {
    if isOff { return chain(for: Found(hadolint: .none, slipway: .none)) }
    if let explicit {
      let path = FilePath.absolute(explicit, in: places.workingFolder)
      return chain(for: Found(hadolint: .none, slipway: .file(path)))
    }
    var found = nearest(above: folder)
    if found.hadolint == .none || found.slipway == .none {
      let other = elsewhere()
      if found.hadolint == .none { found.hadolint = other.hadolint }
      if found.slipway == .none { found.slipway = other.slipway }
    }
    return chain(for: found)
  }

  /// The nearest file of each kind in a folder and those above it.
  private mutating func nearest(above folder: String) -> Found {
    var open: [String] = []
    var found = Found(hadolint: .none, slipway: .none)
    var next: String? = folder
    while let folder = next {
      if let known = nearest[folder] {
        found = known
        break
      }
      open.append(folder)
      next = FilePath.parent(folder)
    }
    for folder in open.reversed() {
      if let path = first(of: ConfigurationPlaces.names(.hadolint).map({ FilePath.join(folder, $0) })) {
        found.hadolint = .file(path)
      }
      if let path = first(of: ConfigurationPlaces.names(.slipway).map({ FilePath.join(folder, $0) })) {
        found.slipway = .file(path)
      }
      nearest[folder] = found
    }
    return found
  }

  private mutating func elsewhere() -> Found {
    if let fallbacks { return fallbacks }
    let hadolint = first(of: places.fallbacks(.hadolint))
    let slipway = first(of: places.fallbacks(.slipway))
    let found = Found(
      hadolint: hadolint.map(Nearest.file) ?? .none, slipway: slipway.map(Nearest.file) ?? .none)
    fallbacks = found
    return found
  }

  private mutating func first(of paths: [String]) -> String? {
    for path in paths where content(of: path) != nil { return path }
    return nil
  }

  /// The content of a file; what cannot be read is a failure, once.
  private mutating func content(of path: String) -> [UInt8]? {
    if let known = contents[path] { return known }
    var content: [UInt8]?
    do throws(ConfigurationFailure) {
      content = try files.bytes(of: path)
    } catch {
      failures.append(
        ConfigurationFailure(path: FilePath.shown(path, from: places.workingFolder), reason: error.reason))
    }
    contents.updateValue(content, forKey: path)
    return content
  }

  private mutating func chain(for found: Found) -> Chain {
    if let known = chainNumbers[found] { return known }
    var result: [LintConfigurationFile] = []
    var seen: Set<String> = []
    for nearest in [found.hadolint, found.slipway] {
      guard case .file(let path) = nearest else { continue }
      if content(of: path) == nil, path == explicit.map({ FilePath.absolute($0, in: places.workingFolder) }) {
        // A file that cannot be read is reported already.
        let shown = FilePath.shown(path, from: places.workingFolder)
        if !failures.contains(where: { $0.path == shown }) {
          failures.append(ConfigurationFailure(path: shown, reason: "there is no such configuration file"))
        }
        continue
      }
      load(path, openPaths: [], seen: &seen, into: &result)
    }
    chains.append(result)
    chainNumbers[found] = chains.count - 1
    return chains.count - 1
  }
}

// MARK: - Files that build on others

extension ConfigurationSearch {
  /// How many files may build on each other.
  private static let maximumDepth = 16
  /// How many files may hold for one Dockerfile.
  private static let maximumFiles = 64

  /// Reads a file and those it builds on, these first. A file that is named twice counts where it is named first.
  private mutating func load(
    _ path: String, openPaths: [String], seen: inout Set<String>, into result: inout [LintConfigurationFile]
  ) {
    guard seen.insert(path).inserted, let bytes = content(of: path) else { return }
    var file = LintConfigurationFile(
      path: path, name: FilePath.shown(path, from: places.workingFolder), bytes: bytes,
      kind: LintConfigurationFile.Kind(path: path))
    for base in file.bases {
      let obstacle: String? =
        if base.path == path || openPaths.contains(base.path) {
          "this file builds on itself"
        } else if openPaths.count >= Self.maximumDepth {
          "more than \(Self.maximumDepth) files build on each other"
        } else if seen.count >= Self.maximumFiles {
          "more than \(Self.maximumFiles) files hold for one Dockerfile"
        } else if !seen.contains(base.path), content(of: base.path) == nil {
          "there is no such file"
        } else {
          nil
        }
      if let obstacle {
        file.problems.append(
          Diagnostic(
            .badExtends, .error,
            "cannot build on `\(FilePath.shown(base.path, from: places.workingFolder))`: \(obstacle)",
            at: base.range))
      } else {
        load(base.path, openPaths: openPaths + [path], seen: &seen, into: &result)
      }
    }
    if reported.insert(path).inserted {
      problems += file.problems.map { ConfigurationProblem($0, in: file.source) }
    }
    result.append(file)
  }
}
