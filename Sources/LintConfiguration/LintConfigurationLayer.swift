package import Diagnostics
package import DockerfileLint
package import Reports

/// What one source of configuration (a file, the environment, the command line) says: only what is set.
package struct LintConfigurationLayer: Sendable, Equatable {
  /// What is said of a single rule.
  package struct Rule: Sendable, Equatable {
    /// How a rule weighs.
    package enum Weight: Sendable, Equatable {
      case off
      case severity(Severity)
    }
    package var weight: Weight?
    /// Options by name.
    package var options: [String: String] = [:]

    package init(weight: Weight? = nil, options: [String: String] = [:]) {
      self.weight = weight
      self.options = options
    }
  }

  package var failureThreshold: FailureThreshold?
  package var formats: [LintFormat] = []
  /// Canonical ids of rules that are left out.
  package var ignored: [String] = []
  /// The strongest severity of each code in the override lists, by canonical id.
  package var severities: [String: Severity] = [:]
  package var trustedRegistries: [String] = []
  package var labelSchema: [String: LintSettings.LabelType] = [:]
  package var strictLabels: Bool?
  package var disableIgnorePragma: Bool?
  package var noFail: Bool?
  package var noColor: Bool?
  package var verbose: Bool?
  package var isStrict: Bool?
  /// What is said of single rules, by canonical id.
  package var rules: [String: Rule] = [:]
  package var names: LintSettings.Names?
  /// The path of the baseline file.
  package var baseline: String?

  /// Says nothing.
  package init() {}

  /// Puts a code into an override list: where it is in several, the strongest severity counts.
  package mutating func override(_ id: String, _ severity: Severity) {
    severities[id] = max(severities[id] ?? severity, severity)
  }

  /// This with a stronger one over it: the stronger's scalars count, lists add up, of severities the strongest counts.
  ///
  /// - Parameter keepsLabels: whether a label that both name keeps its type, as hadolint has it.
  package func overlaid(with other: LintConfigurationLayer, keepsLabels: Bool = false)
    -> LintConfigurationLayer
  {
    var result = self
    result.failureThreshold = other.failureThreshold ?? failureThreshold
    result.formats += other.formats
    result.ignored += other.ignored
    result.severities.merge(other.severities) { max($0, $1) }
    result.trustedRegistries += other.trustedRegistries
    result.labelSchema.merge(other.labelSchema) { keepsLabels ? $0 : $1 }
    result.strictLabels = other.strictLabels ?? strictLabels
    result.disableIgnorePragma = other.disableIgnorePragma ?? disableIgnorePragma
    result.noFail = other.noFail ?? noFail
    result.noColor = other.noColor ?? noColor
    result.verbose = other.verbose ?? verbose
    result.isStrict = other.isStrict ?? isStrict
    result.rules.merge(other.rules) { lower, upper in
      Rule(
        weight: upper.weight ?? lower.weight, options: lower.options.merging(upper.options) { $1 })
    }
    result.names = other.names ?? names
    result.baseline = other.baseline ?? baseline
    return result
  }
}
