import Diagnostics

/// The keys of a configuration file. The reader and the test of the JSON Schema both go by this list.
package enum ConfigurationKey: String, CaseIterable, Sendable {
  // hadolint's.
  case failureThreshold = "failure-threshold"
  case format
  case formats
  case ignored
  case override
  case trustedRegistries
  case labelSchema = "label-schema"
  case strictLabels = "strict-labels"
  case disableIgnorePragma = "disable-ignore-pragma"
  case noFail = "no-fail"
  case noColor = "no-color"
  case verbose
  // Slipway's.
  case hadolintStrict = "hadolint-strict"
  case rules
  case ids
  case exclude
  case baseline
  case extends
  case overrides

  /// Whether hadolint's file has it.
  package var isHadolint: Bool {
    switch self {
    case .hadolintStrict, .rules, .ids, .exclude, .baseline, .extends, .overrides: false
    default: true
    }
  }

  /// Whether it may differ from file to file, and so stand in an entry of `overrides`.
  package var isPerPath: Bool {
    switch self {
    case .failureThreshold, .ignored, .override, .trustedRegistries, .labelSchema, .strictLabels,
      .disableIgnorePragma, .noFail, .hadolintStrict, .rules:
      true
    case .format, .formats, .noColor, .verbose, .ids, .exclude, .baseline, .extends, .overrides: false
    }
  }

  /// The key that was meant by one that does not exist: the same letters in another spelling, or the nearest.
  static func meant(by name: String, among keys: [String]) -> String? {
    let letters = Self.letters(name)
    return keys.first { Self.letters($0) == letters } ?? nearest(to: Array(name.utf8), among: keys)?.candidate
  }

  /// The word that was meant by one that a key does not take: one that starts with it, or the nearest.
  static func meant(byWord text: String, among words: [String]) -> String? {
    guard !text.isEmpty else { return nil }
    let small = text.lowercased()
    return words.first { $0.hasPrefix(small) } ?? nearest(to: Array(text.utf8), among: words)?.candidate
  }

  private static func letters(_ name: String) -> [UInt8] {
    name.utf8.filter { $0 != 0x2D && $0 != 0x5F }.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
  }
}
