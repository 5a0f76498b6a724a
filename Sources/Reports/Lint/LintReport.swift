package import Diagnostics
package import SourceText

/// What lint reports are made of: a file and the findings that are shown of it, sorted.
package struct LintedFile: Sendable {
  /// The file.
  package private(set) var source: Source
  /// The findings, sorted by place and code; none when only their JSON is kept.
  package private(set) var findings: [Diagnostic]
  /// How many there are of which kind.
  package let counts: FindingCounts
  /// The findings as they stand in the JSON report, if ``prepareJSON(keepsFindings:)`` has been called.
  private(set) var json: [UInt8]?

  package init(source: Source, findings: [Diagnostic]) {
    self.source = source
    self.findings = findings
    counts = FindingCounts(findings)
  }

  /// Writes the file's part of the JSON report in advance: on the core that has linted the file, beside others.
  ///
  /// - Parameter keepsFindings: whether the file and its findings will be asked for something else too. They take several
  ///   times as much memory.
  package mutating func prepareJSON(keepsFindings: Bool) {
    json = jsonObjects
    guard !keepsFindings else { return }
    findings = []
    source = Source(name: source.name, bytes: [])
  }
}

/// The last line of a lint run: how many findings of which weight, and what can be mended.
package func lintSummary(_ files: [LintedFile], applied: Int) -> String? {
  var counts = FindingCounts([])
  var withFindings = 0
  for file in files where !file.counts.isEmpty {
    withFindings += 1
    counts.add(file.counts)
  }
  let (safe, unsafe) = (counts.safe, counts.unsafe)
  var parts: [String] = []
  for severity in Severity.allCases.reversed() {
    let count = counts.count(of: severity)
    guard count > 0 else { continue }
    switch severity {
    case .error, .warning: parts.append("\(count) \(severity.name)\(count == 1 ? "" : "s")")
    case .info: parts.append("\(count) info")
    case .style: parts.append("\(count) style")
    }
  }
  var sentences: [String] = []
  if applied > 0 { sentences.append("\(applied) fixed") }
  if !parts.isEmpty {
    sentences.append(
      parts.joined(separator: ", ") + " in \(withFindings) file\(withFindings == 1 ? "" : "s")")
    if safe > 0 { sentences.append("\(safe) fixable with --fix") }
    if unsafe > 0 { sentences.append("\(unsafe) \(safe > 0 ? "more " : "")with --fix-unsafe") }
  }
  return sentences.isEmpty ? nil : sentences.joined(separator: "; ")
}
