import ConfigText
import Diagnostics
import DockerfileLint
import SourceText

extension LayerReader {
  /// Whether what was meant is still looked for: a file of nonsense would take long, and nobody reads that many hints.
  private var givesHints: Bool { problems.count < 100 }

  /// A truth value; hadolint takes no other spelling than YAML's own.
  mutating func truth(_ value: ConfigValue, of name: String) -> Bool? {
    if let boolean = value.boolean { return boolean }
    let help: String? =
      switch value.scalar?.text.lowercased() {
      case "yes", "on", "y", "1", "true": "write `true`"
      case "no", "off", "n", "0", "false": "write `false`"
      default: nil
      }
    reportType(name, "true or false", value, help: help)
    return nil
  }

  /// A text.
  mutating func text(_ value: ConfigValue, of name: String) -> String? {
    if let text = value.string { return text }
    reportType(name, "a text", value)
    return nil
  }

  /// One of the words of a type.
  mutating func word<Word: RawRepresentable<String> & CaseIterable>(_ value: ConfigValue, of name: String)
    -> Word?
  {
    let words = Word.allCases.map(\.rawValue)
    guard let text = value.string else {
      reportType(name, "one of \(words.joined(separator: ", "))", value)
      return nil
    }
    if let word = Word(rawValue: text) { return word }
    let meant = givesHints ? ConfigurationKey.meant(byWord: text, among: words) : nil
    let hint = meant.map { "did you mean `\($0)`?" }
    report(
      .badConfigurationValue, "`\(name)` takes \(words.joined(separator: ", ")), not `\(text)`",
      at: value.range,
      help: hint)
    return nil
  }

  /// Words of a type: a list, or one alone.
  mutating func words<Word: RawRepresentable<String> & CaseIterable>(_ value: ConfigValue, of name: String)
    -> [Word]
  {
    (value.list ?? [value]).compactMap { word($0, of: name) }
  }

  /// Texts with their places: a list, or one alone.
  mutating func texts(_ value: ConfigValue, of name: String) -> [(text: String, range: ByteRange)] {
    if value.map != nil {
      reportType(name, "a list of texts", value)
      return []
    }
    var result: [(String, ByteRange)] = []
    for element in value.list ?? [value] {
      if let text = element.string {
        result.append((text, element.range))
      } else {
        reportType(name, "a list of texts", element, isElement: value.list != nil)
      }
    }
    return result
  }

  /// Patterns for paths.
  mutating func globs(_ value: ConfigValue, of name: String) -> PathGlobs {
    var globs: [PathGlob] = []
    for (text, range) in texts(value, of: name) {
      if let glob = PathGlob(text) {
        globs.append(glob)
      } else {
        report(
          .badConfigurationValue, "`\(text)` is no pattern for paths", at: range,
          help: text.hasPrefix("!") ? "patterns cannot be negated here" : nil)
      }
    }
    return PathGlobs(folder: folder, globs: globs)
  }

  /// The canonical ids of a list of rules, or of one alone.
  mutating func ruleIDs(_ value: ConfigValue, of name: String) -> [String] {
    if value.map != nil {
      reportType(name, "a list of rules", value)
      return []
    }
    return (value.list ?? [value]).flatMap { element in
      // A number is no rule, but it is plain what is wrong with it.
      guard let scalar = element.scalar, !scalar.isNull, scalar.boolean == nil else {
        reportType(name, "a list of rules", element, isElement: value.list != nil)
        return [String]()
      }
      return ruleIDs(scalar.text, at: element.range)
    }
  }

  /// The canonical ids of a rule; several for a check of BuildKit's that is several rules.
  mutating func ruleIDs(_ name: String, at range: ByteRange) -> [String] {
    let ids = RuleRegistry.canonicalIDs(for: name)
    if ids.isEmpty { problems.append(.unknownRule(name, at: range, givesHint: givesHints)) }
    return ids
  }

  mutating func report(
    _ code: DiagnosticCode, _ message: String, at range: ByteRange, help: String? = nil
  ) {
    report(code, .error, message, at: range, help: help)
  }

  mutating func report(
    _ code: DiagnosticCode, _ severity: Severity, _ message: String, at range: ByteRange, help: String? = nil
  ) {
    problems.append(Diagnostic(code, severity, message, at: range, help: help))
  }

  mutating func reportType(
    _ name: String, _ expected: String, _ value: ConfigValue, isElement: Bool = false, help: String? = nil
  ) {
    let what = isElement ? "\(value.kind) in it" : value.kind
    report(
      .wrongConfigurationType, "`\(name)` takes \(expected), not \(what)", at: value.range, help: help)
  }

  mutating func reportUnknown(_ entry: ConfigEntry, among keys: [String]) {
    if kind == .hadolint, ConfigurationKey(rawValue: entry.name) != nil {
      report(
        .unknownConfigurationKey, .warning,
        "hadolint's file has no key `\(entry.name)`; it counts in .slipway.yaml",
        at: entry.nameRange)
      return
    }
    let meant = givesHints ? ConfigurationKey.meant(by: entry.name, among: keys) : nil
    let hint = meant.map { "did you mean `\($0)`?" }
    report(
      .unknownConfigurationKey, .warning, "there is no key `\(entry.name)`; it has no effect",
      at: entry.nameRange,
      help: hint ?? "the keys are \(keys.joined(separator: ", "))")
  }
}

extension Diagnostic {
  /// A name that no rule has.
  ///
  /// - Parameter givesHint: whether the rule that was meant is looked for.
  static func unknownRule(_ name: String, at range: ByteRange, givesHint: Bool = true) -> Diagnostic {
    let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    let trimmed = name.drop(while: blank)
    let end = trimmed.lastIndex { !blank($0) }.map { trimmed.index(after: $0) } ?? trimmed.endIndex
    let inner = String(trimmed[..<end])
    let help: String? =
      if inner != name, RuleRegistry.canonicalID(for: inner) != nil {
        "write `\(inner)`, without blanks around it"
      } else if name.utf8.count == 4, name.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
        "ids start with letters: `DL\(name)` or `SC\(name)`"
      } else if name.contains(",") {
        "write a list: [\(name)]"
      } else {
        (givesHint ? RuleRegistry.suggestion(for: name) : nil).map { "did you mean `\($0)`?" }
      }
    return Diagnostic(
      .unknownConfiguredRule, .warning, "there is no rule `\(name)`", at: range,
      help: help ?? "`slipway rules` lists all")
  }
}
