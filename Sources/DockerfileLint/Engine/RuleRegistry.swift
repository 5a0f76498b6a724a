import Diagnostics
import DockerfileSyntax

/// All rules, sorted by id.
package enum RuleRegistry {
  package static let all: [any Rule.Type] = [
    UnknownInstruction.self,
    SwappedArguments.self,
    WrongKindOfArgument.self,
    UnknownFlag.self,
    ParseError.self,
    UntaggedBaseImage.self,
    LatestBaseImage.self,
    AddInsteadOfCopy.self,
    ShellFormCommand.self,
    DeprecatedMaintainer.self,
  ]

  /// The indices of the rules that look at each kind of instruction, by the kind's raw value.
  static let visitors: [[Int]] = table { _ in true }
  /// The same for instructions inside ONBUILD.
  static let triggerVisitors: [[Int]] = table(where: \.visitsTriggers)

  private static func table(where matches: (RuleMetadata) -> Bool) -> [[Int]] {
    var table = [[Int]](repeating: [], count: InstructionKind.allCases.count)
    for (index, rule) in all.enumerated() where matches(rule.metadata) {
      for kind in rule.metadata.visits { table[Int(kind.rawValue)].append(index) }
    }
    return table
  }

  /// The rule of an id, name or alias, letter case aside.
  package static func rule(named name: String) -> (any Rule.Type)? {
    all.first { rule in rule.allNames.contains { $0.utf8.elementsEqualIgnoringCase(name.utf8) } }
  }

  /// The id, name or alias that comes nearest to a misspelt one.
  package static func suggestion(for name: String) -> String? {
    nearest(to: Array(name.utf8), among: all.flatMap { $0.allNames })?.candidate
  }
}

extension Rule {
  fileprivate static var allNames: [String] { [metadata.code.id, metadata.code.name] + metadata.aliases }
}

extension String.UTF8View {
  fileprivate func elementsEqualIgnoringCase(_ other: String.UTF8View) -> Bool {
    elementsEqual(other) { left, right in
      left == right || (left | 0x20 == right | 0x20 && (left | 0x20) >= 0x61 && (left | 0x20) <= 0x7A)
    }
  }
}
