import ConfigText
import Diagnostics
import DockerfileLint
import Reports
import SourceText

/// Takes what a file says out of its tree; what is wrong becomes a problem and does not count, the rest does.
struct LayerReader {
  let source: Source
  /// The folder that paths are relative to.
  let folder: String
  let kind: LintConfigurationFile.Kind
  var problems: [Diagnostic] = []

  init(source: Source, folder: String, kind: LintConfigurationFile.Kind) {
    self.source = source
    self.folder = folder
    self.kind = kind
  }

  /// Reads a whole file. An empty one says nothing, and that is no mistake.
  mutating func readFile(_ root: ConfigValue?, into file: inout LintConfigurationFile) {
    guard let root, !root.isNull else { return }
    guard let entries = root.map else {
      report(.wrongConfigurationType, "a configuration is a map of keys, not \(root.kind)", at: root.range)
      return
    }
    let keys = kind.keys
    for entry in entries {
      guard let key = ConfigurationKey(rawValue: entry.name), keys.contains(key) else {
        reportUnknown(entry, among: keys.map(\.rawValue))
        continue
      }
      // A key with nothing behind it says nothing.
      guard !entry.value.isNull else { continue }
      switch key {
      case .extends:
        file.bases = texts(entry.value, of: entry.name).map { text, range in
          LintConfigurationFile.Base(path: FilePath.absolute(text, in: folder), range: range)
        }
      case .exclude: file.exclude = globs(entry.value, of: entry.name)
      case .overrides: readOverrides(entry.value, into: &file)
      default: read(key, entry.value, into: &file.layer)
      }
    }
  }

  /// Reads `overrides`: a list of maps, each with `paths` and keys that hold for these.
  private mutating func readOverrides(_ value: ConfigValue, into file: inout LintConfigurationFile) {
    guard let elements = value.list ?? value.map.map({ _ in [value] }) else {
      reportType("overrides", "a list of maps with `paths` and keys", value)
      return
    }
    let names = ["paths"] + ConfigurationKey.allCases.filter(\.isPerPath).map(\.rawValue)
    for element in elements {
      guard let entries = element.map else {
        reportType("overrides", "a list of maps with `paths` and keys", element)
        continue
      }
      var layer = LintConfigurationLayer()
      var paths: PathGlobs?
      for entry in entries {
        if entry.name == "paths" {
          paths = globs(entry.value, of: entry.name)
        } else if let key = ConfigurationKey(rawValue: entry.name), key.isPerPath {
          if !entry.value.isNull { read(key, entry.value, into: &layer) }
        } else if ConfigurationKey(rawValue: entry.name) != nil {
          report(
            .unknownConfigurationKey, .warning, "`\(entry.name)` holds for a whole run, not for some paths",
            at: entry.nameRange)
        } else {
          reportUnknown(entry, among: names)
        }
      }
      guard let paths else {
        report(
          .badConfigurationValue, "an entry of `overrides` needs `paths`: a list of patterns",
          at: element.range)
        continue
      }
      file.pathOverrides.append(.init(paths: paths, layer: layer))
    }
  }

  /// Reads a key that a layer holds.
  private mutating func read(
    _ key: ConfigurationKey, _ value: ConfigValue, into layer: inout LintConfigurationLayer
  ) {
    let name = key.rawValue
    switch key {
    case .failureThreshold: layer.failureThreshold = word(value, of: name) ?? layer.failureThreshold
    case .format:
      // hadolint adds the one to the others, behind them.
      if let format: LintFormat = word(value, of: name) { layer.formats.append(format) }
    case .formats: layer.formats.insert(contentsOf: words(value, of: name), at: 0)
    case .ignored: layer.ignored += ruleIDs(value, of: name)
    case .override: readOverride(value, into: &layer)
    case .trustedRegistries: layer.trustedRegistries += texts(value, of: name).map(\.text)
    case .labelSchema: readLabels(value, into: &layer)
    case .strictLabels: layer.strictLabels = truth(value, of: name)
    case .disableIgnorePragma: layer.disableIgnorePragma = truth(value, of: name)
    case .noFail: layer.noFail = truth(value, of: name)
    case .noColor: layer.noColor = truth(value, of: name)
    case .verbose: layer.verbose = truth(value, of: name)
    case .hadolintStrict: layer.isStrict = truth(value, of: name)
    case .rules: readRules(value, into: &layer)
    case .ids: layer.names = word(value, of: name)
    case .baseline:
      if let text = text(value, of: name) { layer.baseline = FilePath.absolute(text, in: folder) }
    case .exclude, .extends, .overrides: break
    }
  }

  /// Reads `override`: lists of rules by the severity that they get.
  private mutating func readOverride(_ value: ConfigValue, into layer: inout LintConfigurationLayer) {
    let severities = Severity.allCases.reversed().map(\.name)
    guard let entries = value.map else {
      reportType("override", "a map of lists named error, warning, info and style", value)
      return
    }
    for entry in entries {
      guard let severity = Severity.allCases.first(where: { $0.name == entry.name }) else {
        let hint =
          entry.name == "ignore"
          ? "rules to leave out stand in `ignored`"
          : "the lists are named \(severities.joined(separator: ", "))"
        report(
          .unknownConfigurationKey, .warning, "`\(entry.name)` is no severity that a rule can get",
          at: entry.nameRange, help: hint)
        continue
      }
      guard !entry.value.isNull else { continue }
      for id in ruleIDs(entry.value, of: "override." + entry.name) { layer.override(id, severity) }
    }
  }

  /// Reads `label-schema`: label names with the type of their values; nothing is `text`.
  private mutating func readLabels(_ value: ConfigValue, into layer: inout LintConfigurationLayer) {
    guard let entries = value.map else {
      reportType("label-schema", "a map of labels with the type of their values", value)
      return
    }
    for entry in entries {
      if entry.value.isNull || entry.value.string == "" {
        layer.labelSchema[entry.name] = .text
      } else if let type: LintSettings.LabelType = word(entry.value, of: "label-schema." + entry.name) {
        layer.labelSchema[entry.name] = type
      }
    }
  }

  /// Reads `rules`: by rule a severity or `off`, or a map of `severity` and the rule's options.
  private mutating func readRules(_ value: ConfigValue, into layer: inout LintConfigurationLayer) {
    guard let entries = value.map else {
      reportType("rules", "a map of rules", value)
      return
    }
    for entry in entries {
      let ids = ruleIDs(entry.name, at: entry.nameRange)
      guard let first = ids.first, !entry.value.isNull else { continue }
      var rule = layer.rules[first] ?? .init()
      let name = "rules." + entry.name
      if let options = entry.value.map {
        for option in options {
          if option.name == "severity" {
            if !option.value.isNull {
              rule.weight = weight(option.value, of: name + ".severity") ?? rule.weight
            }
          } else if let text = optionText(option.value, of: name + "." + option.name) {
            rule.options[option.name] = text
          }
        }
      } else if entry.value.list == nil {
        rule.weight = weight(entry.value, of: name) ?? rule.weight
      } else {
        reportType(name, "a severity, `off`, or a map of options", entry.value)
      }
      for id in ids { layer.rules[id] = rule }
    }
  }

  /// A severity or `off`.
  private mutating func weight(_ value: ConfigValue, of name: String) -> LintConfigurationLayer.Rule.Weight? {
    guard let word: RuleWeight = word(value, of: name) else { return nil }
    switch word {
    case .off: return .off
    case .error: return .severity(.error)
    case .warning: return .severity(.warning)
    case .info: return .severity(.info)
    case .style: return .severity(.style)
    }
  }

  private enum RuleWeight: String, CaseIterable { case error, warning, info, style, off }

  /// The text of an option; a list is joined with commas.
  private mutating func optionText(_ value: ConfigValue, of name: String) -> String? {
    if let scalar = value.scalar { return scalar.text }
    let elements = value.list?.map(\.scalar?.text) ?? [nil]
    let texts = elements.compactMap { $0 }
    guard texts.count == elements.count else {
      reportType(name, "a text, a number, a truth value or a list of these", value)
      return nil
    }
    return texts.joined(separator: ",")
  }
}
