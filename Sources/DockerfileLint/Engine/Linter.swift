public import Diagnostics
public import DockerfileSyntax
public import SourceText

/// Finds what is wrong with Dockerfiles.
///
/// One value serves any number of files, also at the same time.
public struct Linter: Sendable {
  /// The ids of rules that are left out.
  private let ignored: Set<String>

  /// Makes a linter.
  ///
  /// - Parameter ignored: ids, names or aliases of rules that are left out; what names no rule has no effect.
  public init(ignoring ignored: some Sequence<String> = []) {
    self.ignored = Set(ignored.compactMap { RuleRegistry.rule(named: $0)?.metadata.code.id })
  }

  /// Lints a file.
  public func lint(_ source: Source) -> LintResult {
    lint(Dockerfile(parsing: source))
  }

  /// Lints a parsed file: one walk over the instructions, every rule with a value of its own.
  public func lint(_ dockerfile: Dockerfile) -> LintResult {
    let context = LintContext(dockerfile)
    var findings = Findings()
    var rules = RuleRegistry.all.map { $0.init() }
    var triggerRules = rules
    for instruction in dockerfile.instructions {
      for rule in RuleRegistry.visitors[Int(instruction.kind.rawValue)] {
        rules[rule].visit(instruction, context, &findings)
      }
      var inner = instruction
      while case .onbuild(let trigger?) = inner.details {
        inner = trigger
        for rule in RuleRegistry.triggerVisitors[Int(inner.kind.rawValue)] {
          triggerRules[rule].visit(inner, context, &findings)
        }
      }
    }
    for rule in rules.indices { rules[rule].finish(context, &findings) }
    for rule in rules.indices where RuleRegistry.all[rule].metadata.visitsTriggers {
      triggerRules[rule].finish(context, &findings)
    }
    findings.addProblems(of: dockerfile)
    let entries = findings.entries.filter { !ignored.contains($0.diagnostic.code.id) }
    return LintResult(dockerfile: dockerfile, findings: sorted(Pragmas.filtered(entries, context)))
  }

  /// Sorts by place, then by code, then in the order in which they were found.
  private func sorted(_ entries: [Findings.Entry]) -> [Diagnostic] {
    entries.enumerated().sorted { left, right in
      let (one, other) = (left.element.diagnostic, right.element.diagnostic)
      if one.range.lower != other.range.lower { return one.range.lower < other.range.lower }
      if one.code.id != other.code.id { return one.code.id < other.code.id }
      return left.offset < right.offset
    }.map(\.element.diagnostic)
  }
}

/// A file and what was found in it.
public struct LintResult: Sendable {
  /// The file.
  public let dockerfile: Dockerfile
  /// The findings, sorted by place.
  public let findings: [Diagnostic]

  /// The file's bytes and name.
  public var source: Source { dockerfile.source }
}
