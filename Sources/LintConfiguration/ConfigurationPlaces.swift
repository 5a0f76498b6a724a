/// Where configuration is looked for beside the folders above a Dockerfile.
package struct ConfigurationPlaces: Sendable {
  /// The current folder, absolute.
  package let workingFolder: String
  /// The user's home; nil when there is none.
  package let home: String?
  /// `XDG_CONFIG_HOME`; nil when it is not set.
  package let configHome: String?

  package init(workingFolder: String, home: String?, configHome: String?) {
    self.workingFolder = workingFolder
    self.home = home.flatMap { $0.hasPrefix("/") ? $0 : nil }
    // A relative one is to be ignored (XDG Base Directory Specification).
    self.configHome = configHome.flatMap { $0.hasPrefix("/") ? $0 : nil }
  }

  /// The names in a folder of a project, the preferred first.
  static func names(_ kind: LintConfigurationFile.Kind) -> [String] {
    switch kind {
    case .hadolint: [".hadolint.yaml", ".hadolint.yml"]
    case .slipway: [".slipway.yaml", ".slipway.yml"]
    }
  }

  /// The files that count when no folder above the Dockerfile has one, in hadolint's order; the first that is there counts.
  func fallbacks(_ kind: LintConfigurationFile.Kind) -> [String] {
    let here = Self.names(kind).map { FilePath.join(workingFolder, $0) }
    guard kind == .hadolint else { return here }
    let visible = ["hadolint.yaml", "hadolint.yml"]
    let config = configHome ?? home.map { FilePath.join($0, ".config") }
    let inConfig = config.map { folder in visible.map { FilePath.join(folder, $0) } } ?? []
    let inHome =
      home.map { home in
        (visible + ["config.yaml", "config.yml"]).map { FilePath.join(home, ".hadolint/" + $0) }
          + Self.names(.hadolint).map { FilePath.join(home, $0) }
      } ?? []
    return here + inConfig + inHome
  }
}
