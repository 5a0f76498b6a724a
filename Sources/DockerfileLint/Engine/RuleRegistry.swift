import Diagnostics
import DockerfileSyntax

/// All rules, sorted by id.
///
/// Each folder of rules has its list beside it; this is the only place that knows all lists.
package enum RuleRegistry {
  package static let all: [any Rule.Type] = {
    let lists = [
      syntaxRules, instructionRules, packageRules, commandRules, buildkitRules, shellRules, linterRules,
    ]
    // Ids of one list are written in order, but the lists interleave.
    return lists.flatMap { $0 }.map { (id: $0.metadata.code.id, rule: $0) }
      .sorted { $0.id < $1.id }.map { $0.rule }
  }()

  /// The index of each rule by its id, name and aliases in small letters.
  private static let indices: [String: Int] = {
    var indices: [String: Int] = [:]
    for (index, rule) in all.enumerated() {
      for name in rule.allNames { indices[name.lowercased()] = index }
    }
    return indices
  }()

  /// The rule of an id, name or alias, letter case aside.
  package static func rule(named name: String) -> (any Rule.Type)? {
    indices[name.lowercased()].map { all[$0] }
  }

  /// The id under which settings and pragmas know a rule by any of its names; nil for what names no rule.
  ///
  /// Ids of the form `DL1234` and `SC1234` are taken as they are where there is no such rule, so that what was written
  /// for hadolint goes on working.
  package static func canonicalID(for name: String) -> String? {
    if let rule = rule(named: name) { return rule.metadata.code.id }
    let id = name.uppercased()
    let bytes = Array(id.utf8)
    let isForeign =
      bytes.count == 6 && (id.hasPrefix("DL") || id.hasPrefix("SC"))
      && bytes.dropFirst(2).allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    return isForeign ? id : nil
  }

  /// The id, name or alias that comes nearest to a misspelt one.
  package static func suggestion(for name: String) -> String? {
    nearest(to: Array(name.utf8), among: all.flatMap { $0.allNames })?.candidate
  }
}

extension Rule {
  fileprivate static var allNames: [String] {
    let data = metadata
    return [data.code.id, data.code.name] + (data.buildkit.map { [$0] } ?? []) + data.aliases
  }
}
