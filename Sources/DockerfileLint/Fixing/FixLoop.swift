public import Diagnostics
import DockerfileSyntax
public import SourceText

extension Linter {
  /// Mends a file: applies fixes and lints again, until nothing is left to apply.
  ///
  /// A set of fixes that would leave more problems for the parser than before is not applied as a whole; its fixes are
  /// tried one by one then.
  ///
  /// - Parameters:
  ///   - minimum: how sure a fix must be to be applied.
  ///   - only: the ids of the rules whose fixes are applied; nil for all.
  ///   - environment: what is known beside the file.
  ///   - selection: the findings that count; others are neither mended nor left in the result.
  public func fix(
    _ source: Source, minimum: Applicability, only: Set<String>? = nil,
    _ environment: LintEnvironment = LintEnvironment(), selection: (LintResult) -> LintResult = { $0 }
  ) -> FixedFile {
    var current = lint(source, environment)
    let source = current.source
    var origins = LineOrigins(source.bytes)
    var applied = 0
    var attempts = Self.maximumAttempts
    while attempts > 0 {
      let fixes = selection(current).findings.compactMap { finding -> Fix? in
        guard only?.contains(finding.code.id) != false else { return nil }
        return finding.fixIts.first { $0.applicability >= minimum }.map { Fix(code: finding.code, fixIt: $0) }
      }
      guard let (next, count, edits) = step(current, fixes, minimum, environment, &attempts) else { break }
      origins.apply(edits, from: current.source.bytes, to: next.source.bytes)
      applied += count
      current = next
    }
    return FixedFile(
      original: source, result: selection(current), applied: applied, lineOrigins: origins)
  }

  /// How often a file is linted with fixes in it: some fixes make room for others, and some go one at a time only.
  private static let maximumAttempts = 640
  /// How many fixes of a set that does harm are tried one by one in a round.
  private static let maximumTrials = 64

  /// A fix, and the kind of finding that it is to do away with.
  private struct Fix {
    let code: DiagnosticCode
    let fixIt: FixIt
  }

  /// What came of applying fixes.
  private enum Attempt {
    case applied(LintResult, Int, [Edit])
    /// Nothing is applied; the kinds of finding that would have been left as they were.
    case refused(Set<DiagnosticCode>)
  }

  private func step(
    _ current: LintResult, _ fixes: [Fix], _ minimum: Applicability, _ environment: LintEnvironment,
    _ attempts: inout Int
  ) -> (LintResult, Int, [Edit])? {
    attempts -= 1
    switch attempt(current, fixes, minimum, environment) {
    case .applied(let next, let count, let edits): return (next, count, edits)
    case .refused(let codes):
      guard fixes.count > 1 else { return nil }
      let others = fixes.filter { !codes.contains($0.code) }
      attempts -= 1
      if others.count < fixes.count, !others.isEmpty,
        case .applied(let next, let count, let edits) = attempt(current, others, minimum, environment)
      {
        return (next, count, edits)
      }
    }
    for fix in fixes.prefix(Self.maximumTrials) {
      attempts -= 1
      if case .applied(let next, let count, let edits) = attempt(current, [fix], minimum, environment) {
        return (next, count, edits)
      }
    }
    return nil
  }

  /// Applies fixes, unless that changes nothing, or the parser likes the result less, or it does not help: a file that does
  /// not get smaller has to have fewer findings to mend of each kind, so that nothing is done again and again.
  private func attempt(
    _ current: LintResult, _ fixes: [Fix], _ minimum: Applicability, _ environment: LintEnvironment
  ) -> Attempt {
    let (bytes, applied, edits) = applying(fixes.map(\.fixIt), to: current.source.bytes, minimum: minimum)
    guard applied > 0, bytes != current.source.bytes else { return .refused([]) }
    let next = lint(Source(name: current.source.name, bytes: bytes), environment)
    guard next.dockerfile.problems.count <= current.dockerfile.problems.count else { return .refused([]) }
    // What hadolint cannot read has nothing else to find.
    if settings.isStrict, next.findings.first?.code == .parseError { return .refused([]) }
    if bytes.count >= current.source.bytes.count {
      var change: [DiagnosticCode: Int] = [:]
      for finding in current.findings where !finding.fixIts.isEmpty { change[finding.code, default: 0] -= 1 }
      for finding in next.findings where !finding.fixIts.isEmpty { change[finding.code, default: 0] += 1 }
      let left = Set(fixes.map(\.code)).filter { change[$0, default: 0] >= 0 }
      guard left.isEmpty else { return .refused(left) }
    }
    return .applied(next, applied, edits)
  }
}

/// A file after mending.
public struct FixedFile: Sendable {
  /// The file as it was.
  public let original: Source
  /// The file as it is now, and what is left to find in it.
  public let result: LintResult
  /// How many fixes were applied.
  public let applied: Int
  /// Which lines are the original's.
  package let lineOrigins: LineOrigins

  /// Whether anything changed.
  public var isChanged: Bool { applied > 0 }
}
