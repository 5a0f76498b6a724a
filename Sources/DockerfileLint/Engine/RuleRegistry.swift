import Diagnostics
import DockerfileSyntax

/// All rules, sorted by id.
///
/// Each folder of rules has its list beside it; this is the only place that knows all lists.
package enum RuleRegistry {
  package static let all = sorted([
    syntaxRules, instructionRules, packageRules, commandRules, buildkitRules, shellRules.map { $0 },
    linterRules,
  ])
  /// The same without those about the shell language, which are asked in another way.
  static let allButShellRules = sorted([
    syntaxRules, instructionRules, packageRules, commandRules, buildkitRules, linterRules,
  ])

  /// Ids of one list are written in order, but the lists interleave.
  private static func sorted(_ lists: [[any Rule.Type]]) -> [any Rule.Type] {
    lists.flatMap { $0 }.map { (id: $0.metadata.code.id, rule: $0) }.sorted { $0.id < $1.id }.map { $0.rule }
  }

  /// The indices of the rules by their ids, names and aliases in small letters.
  private static let indices: [String: [Int]] = {
    var indices: [String: [Int]] = [:]
    for (index, rule) in all.enumerated() {
      for name in rule.allNames { indices[name.lowercased(), default: []].append(index) }
    }
    return indices
  }()

  /// The rules of an id, name or alias, letter case aside, sorted by id.
  ///
  /// Ids and names have one rule each. A check of BuildKit's can be several rules.
  package static func rules(named name: String) -> [any Rule.Type] {
    (indices[name.lowercased()] ?? []).map { all[$0] }
  }

  /// The first rule of an id, name or alias, letter case aside.
  package static func rule(named name: String) -> (any Rule.Type)? { rules(named: name).first }

  /// The first of the ids under which settings and pragmas know the rules of a name; nil for what names no rule.
  package static func canonicalID(for name: String) -> String? { canonicalIDs(for: name).first }

  /// The ids under which settings and pragmas know the rules of any of their names; empty for what names no rule.
  ///
  /// Ids of the form `DL1234` and `SC1234` are taken as they are where there is no such rule, so that what was written
  /// for hadolint goes on working.
  package static func canonicalIDs(for name: String) -> [String] {
    let ids = rules(named: name).map { $0.metadata.code.id }
    if !ids.isEmpty { return ids }
    let id = name.uppercased()
    let bytes = Array(id.utf8)
    let isForeign =
      bytes.count == 6 && (id.hasPrefix("DL") || id.hasPrefix("SC"))
      && bytes.dropFirst(2).allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    return isForeign ? [id] : []
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
