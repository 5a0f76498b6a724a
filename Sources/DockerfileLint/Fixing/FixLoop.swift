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
    for _ in 0..<Self.maximumRounds {
      let fixIts = selection(current).findings.compactMap { finding in
        only?.contains(finding.code.id) == false ? nil : finding.fixIts.first { $0.applicability >= minimum }
      }
      guard let (next, count, edits) = step(current, fixIts, minimum, environment) else { break }
      origins.apply(edits, from: current.source.bytes, to: next.source.bytes)
      applied += count
      current = next
    }
    return FixedFile(
      original: source, result: selection(current), applied: applied, lineOrigins: origins)
  }

  private static let maximumRounds = 10
  /// How many fixes of a set that does harm are tried one by one in a round.
  private static let maximumTrials = 64

  private func step(
    _ current: LintResult, _ fixIts: [FixIt], _ minimum: Applicability, _ environment: LintEnvironment
  ) -> (LintResult, Int, [Edit])? {
    if let all = attempt(current, fixIts, minimum, environment) { return all }
    guard fixIts.count > 1 else { return nil }
    for fixIt in fixIts.prefix(Self.maximumTrials) {
      if let one = attempt(current, [fixIt], minimum, environment) { return one }
    }
    return nil
  }

  /// Applies fixes; nil when that changes nothing, or the parser likes the result less.
  private func attempt(
    _ current: LintResult, _ fixIts: [FixIt], _ minimum: Applicability, _ environment: LintEnvironment
  ) -> (LintResult, Int, [Edit])? {
    let (bytes, applied, edits) = applying(fixIts, to: current.source.bytes, minimum: minimum)
    guard applied > 0, bytes != current.source.bytes else { return nil }
    let next = lint(Source(name: current.source.name, bytes: bytes), environment)
    guard next.dockerfile.problems.count <= current.dockerfile.problems.count else { return nil }
    // What mends a file does not always mend hadolint's verdict on it, and would be done again and again; and what hadolint
    // cannot read has nothing else to find.
    if settings.isStrict,
      next.findings.count >= current.findings.count || next.findings.first?.code == .parseError
    {
      return nil
    }
    return (next, applied, edits)
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
