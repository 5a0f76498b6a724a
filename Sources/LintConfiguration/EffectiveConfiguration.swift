import Diagnostics
package import DockerfileLint
package import Reports

/// What holds for a Dockerfile when everything has been put together.
package struct EffectiveConfiguration: Sendable {
  /// What rules and pragmas go by.
  package let settings: LintSettings
  /// The formats, in the order of environment, files, command line; empty for the default.
  package let formats: [LintFormat]
  /// The least severity that counts.
  package let threshold: FailureThreshold
  /// Whether nothing that is found counts.
  package let noFail: Bool
  /// Whether colours are off; nil when nothing says so.
  package let noColor: Bool?
  package let verbose: Bool
  /// The path of the baseline file.
  package let baseline: String?
  /// The paths of the configuration files, weakest first.
  package let files: [String]

  /// Puts the layers together, weakest first: environment, files, command line.
  package init(
    environment: LintConfigurationLayer, file: LintConfigurationLayer, commandLine: LintConfigurationLayer,
    files: [String] = []
  ) {
    let isStrict = commandLine.isStrict ?? file.isStrict ?? environment.isStrict ?? false
    // hadolint lets the environment decide over the type of a label that several name, and the command line last.
    let merged =
      environment.overlaid(with: file, keepsLabels: isStrict)
      .overlaid(with: commandLine, keepsLabels: isStrict)
    var settings = LintSettings()
    settings.ignored = Set(merged.ignored)
    settings.severities = merged.severities
    for (id, rule) in merged.rules {
      if !rule.options.isEmpty { settings.ruleOptions[id] = rule.options }
      // What is said of one rule is said more plainly than its place in a list; the command line is stronger still.
      guard let weight = rule.weight, commandLine.severities[id] == nil else { continue }
      switch weight {
      case .off: settings.ignored.insert(id)
      case .severity(let severity): settings.severities[id] = severity
      }
    }
    settings.isStrict = isStrict
    settings.obeysPragmas = !(merged.disableIgnorePragma ?? false)
    var registries: Set<String> = []
    settings.trustedRegistries = merged.trustedRegistries.filter { registries.insert($0).inserted }
    settings.labelSchema = merged.labelSchema
    settings.strictLabels = merged.strictLabels ?? false
    settings.names = merged.names ?? .hadolint
    self.settings = settings
    formats = merged.formats
    threshold = merged.failureThreshold ?? .info
    noFail = merged.noFail ?? false
    noColor = merged.noColor
    verbose = merged.verbose ?? false
    baseline = merged.baseline
    self.files = files
  }
}

extension EffectiveConfiguration {
  /// The settings in words, a line each, for `--verbose`.
  package var lines: [String] {
    func list(_ items: some Collection<String>) -> String {
      items.isEmpty ? "none" : items.joined(separator: ", ")
    }
    func word(_ flag: Bool) -> String { flag ? "yes" : "no" }
    var lines = ["no fail: \(word(noFail))", "no color: \(noColor.map(word) ?? "not set")"]
    lines.append("formats: \(list(formats.map(\.rawValue)))")
    lines.append("failure threshold: \(threshold.rawValue)")
    for severity in Severity.allCases.reversed() {
      let ids = settings.severities.filter { $0.value == severity }.keys.sorted()
      lines.append("override \(severity.name): \(list(ids))")
    }
    lines.append("ignored: \(list(settings.ignored.sorted()))")
    lines.append("strict labels: \(word(settings.strictLabels))")
    let labels = settings.labelSchema.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.rawValue)" }
    lines.append("label schema: \(list(labels))")
    lines.append("disable ignore pragma: \(word(!settings.obeysPragmas))")
    lines.append("trusted registries: \(list(settings.trustedRegistries))")
    lines.append("hadolint strict: \(word(settings.isStrict))")
    lines.append("ids: \(settings.names.rawValue)")
    for (id, options) in settings.ruleOptions.sorted(by: { $0.key < $1.key }) {
      let texts = options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      lines.append("options of \(id): \(list(texts))")
    }
    if let baseline { lines.append("baseline: \(baseline)") }
    return lines
  }
}
