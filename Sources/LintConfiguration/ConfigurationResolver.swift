import SourceText

/// Gives each Dockerfile of a run its configuration. Files that the same things hold for share one.
package struct ConfigurationResolver {
  /// What holds for a Dockerfile.
  package struct Resolution: Sendable, Equatable {
    /// The index in ``ConfigurationResolver/configurations``.
    package let configuration: Int
    /// The configuration file that leaves the Dockerfile out; nil when none does.
    package let excludedBy: String?
  }

  private struct Key: Hashable {
    let chain: ConfigurationSearch.Chain
    /// The overrides that match, by their number in the chain.
    let overrides: [Int]
  }

  package private(set) var search: ConfigurationSearch
  /// The different configurations so far.
  package private(set) var configurations: [EffectiveConfiguration] = []
  private let workingFolder: String
  private let environment: LintConfigurationLayer
  private let commandLine: LintConfigurationLayer
  private var known: [Key: Int] = [:]
  /// What was found out last, when it holds for all that lies in the same folder.
  private var latest: (folder: Substring, resolution: Resolution)?
  /// What the files of each chain say for every path.
  private var bases: [ConfigurationSearch.Chain: LintConfigurationLayer] = [:]

  package init(
    search: ConfigurationSearch, workingFolder: String, environment: LintConfigurationLayer,
    commandLine: LintConfigurationLayer
  ) {
    self.search = search
    self.workingFolder = workingFolder
    self.environment = environment
    self.commandLine = commandLine
  }

  /// The configuration of a Dockerfile, given by its path; `-` lies in the current folder.
  package mutating func resolve(_ path: String) -> Resolution {
    let isInput = path == "-"
    let slash = path.utf8.lastIndex(of: 0x2F)
    let folder = slash.map { path[...$0] } ?? ""
    if !isInput, let latest, latest.folder == folder, !path.isDots {
      return latest.resolution
    }
    let absolute = FilePath.absolute(isInput ? "Dockerfile" : path, in: workingFolder)
    let chain = search.chain(forFolder: FilePath.parent(absolute) ?? "/")
    let files = search.files(of: chain)
    let excluding = isInput ? nil : files.first { $0.exclude?.match(absolute) ?? false }
    let overrides = files.flatMap(\.pathOverrides)
    let matching = isInput ? [] : overrides.indices.filter { overrides[$0].paths.match(absolute) }
    let key = Key(chain: chain, overrides: matching)
    let number =
      known[key]
      ?? {
        let base = base(of: chain)
        let layer = matching.reduce(base) { $0.overlaid(with: overrides[$1].layer) }
        configurations.append(
          EffectiveConfiguration(
            environment: environment, file: layer, commandLine: commandLine, files: files.map(\.source.name)))
        known[key] = configurations.count - 1
        return configurations.count - 1
      }()
    let resolution = Resolution(configuration: number, excludedBy: excluding?.source.name)
    let isSameForAll = files.allSatisfy { $0.exclude == nil && $0.pathOverrides.isEmpty }
    latest = isSameForAll && !isInput && !path.isDots ? (folder, resolution) : nil
    return resolution
  }

  private mutating func base(of chain: ConfigurationSearch.Chain) -> LintConfigurationLayer {
    if let known = bases[chain] { return known }
    let layer = search.files(of: chain).reduce(LintConfigurationLayer()) { $0.overlaid(with: $1.layer) }
    bases[chain] = layer
    return layer
  }
}

extension String {
  /// Whether the last name of a path is `.` or `..`, so that it lies in another folder than its text says.
  fileprivate var isDots: Bool {
    utf8.last == 0x2E && (self == "." || self == ".." || hasSuffix("/.") || hasSuffix("/.."))
  }
}
