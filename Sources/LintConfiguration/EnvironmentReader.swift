import Diagnostics
package import DockerfileLint
import Reports
import SourceText

/// What hadolint's environment variables say.
package enum EnvironmentReader {
  /// Reads the variables; what is wrong in a value does not count, as with hadolint, but is reported with its place in it.
  ///
  /// - Parameter variable: the value of a variable; nil when it is not set.
  package static func layer(_ variable: (String) -> String?) -> (
    layer: LintConfigurationLayer, problems: [ConfigurationProblem]
  ) {
    var layer = LintConfigurationLayer()
    var problems: [ConfigurationProblem] = []

    layer.noFail = variable("HADOLINT_NOFAIL").map(isTruthy)
    layer.verbose = variable("HADOLINT_VERBOSE").map(isTruthy)
    layer.strictLabels = variable("HADOLINT_STRICT_LABELS").map(isTruthy)
    layer.disableIgnorePragma = variable("HADOLINT_DISABLE_IGNORE_PRAGMA").map(isTruthy)
    // That it is there is enough, whatever its value.
    if variable("NO_COLOR") != nil { layer.noColor = true }

    func report(_ diagnostic: Diagnostic, _ name: String, _ value: String) {
      problems.append(ConfigurationProblem(diagnostic, in: Source(name: name, text: value)))
    }
    func bad(_ text: String, _ words: [String], _ name: String, _ value: String, _ range: ByteRange) {
      let hint = ConfigurationKey.meant(byWord: text, among: words).map { "did you mean `\($0)`?" }
      report(
        Diagnostic(
          .badConfigurationValue, .warning, "`\(name)` takes \(words.joined(separator: ", ")), not `\(text)`",
          at: range, help: hint), name, value)
    }

    for item in items("HADOLINT_FORMAT", variable) {
      if let format = LintFormat(rawValue: item.text) {
        layer.formats.append(format)
      } else {
        bad(item.text, LintFormat.allCases.map(\.rawValue), item.variable, item.value, item.range)
      }
    }
    if let value = variable("HADOLINT_FAILURE_THRESHOLD"), !value.isEmpty {
      layer.failureThreshold = FailureThreshold(rawValue: value)
      if layer.failureThreshold == nil {
        bad(
          value, FailureThreshold.allCases.map(\.rawValue), "HADOLINT_FAILURE_THRESHOLD", value,
          ByteRange(0, value.utf8.count))
      }
    }
    for severity in Severity.allCases {
      for item in items("HADOLINT_OVERRIDE_\(severity.name.uppercased())", variable) {
        let ids = RuleRegistry.canonicalIDs(for: item.text)
        for id in ids { layer.override(id, severity) }
        if ids.isEmpty { report(.unknownRule(item.text, at: item.range), item.variable, item.value) }
      }
    }
    for item in items("HADOLINT_IGNORE", variable) {
      let ids = RuleRegistry.canonicalIDs(for: item.text)
      layer.ignored += ids
      if ids.isEmpty { report(.unknownRule(item.text, at: item.range), item.variable, item.value) }
    }
    layer.trustedRegistries = items("HADOLINT_TRUSTED_REGISTRIES", variable).map(\.text)
    for item in items("HADOLINT_REQUIRE_LABELS", variable) {
      if let (label, type) = RequiredLabel.parse(item.text) {
        layer.labelSchema[label] = type
      } else {
        let type = String(item.text.drop { $0 != ":" }.dropFirst())
        bad(
          type, LintSettings.LabelType.allCases.map(\.rawValue), item.variable, item.value, item.range)
      }
    }
    return (layer, problems)
  }

  private struct Item {
    let variable: String
    let value: String
    let text: String
    let range: ByteRange
  }

  /// The items of a comma list, blanks and all; empty ones mean nothing.
  private static func items(_ name: String, _ variable: (String) -> String?) -> [Item] {
    guard let value = variable(name) else { return [] }
    var result: [Item] = []
    var offset = 0
    for part in value.utf8.split(separator: 0x2C, omittingEmptySubsequences: false) {
      if !part.isEmpty {
        result.append(
          Item(
            variable: name, value: value, text: String(decoding: part, as: UTF8.self),
            range: ByteRange(offset, offset + part.count)))
      }
      offset += part.count + 1
    }
    return result
  }

  /// hadolint's words for yes, in any letter case.
  static func isTruthy(_ value: String) -> Bool {
    ["1", "y", "on", "true", "yes"].contains(value.lowercased())
  }
}

/// A label with the type of its values, as `--require-label` takes it.
package enum RequiredLabel {
  /// Takes `name:type` apart at the first colon; without a type it is `text`. nil when there is no such type.
  package static func parse(_ text: String) -> (name: String, type: LintSettings.LabelType)? {
    let name = text.prefix { $0 != ":" }
    let type = text.dropFirst(name.count + 1)
    if type.isEmpty { return (String(name), .text) }
    return LintSettings.LabelType(rawValue: String(type)).map { (String(name), $0) }
  }
}
