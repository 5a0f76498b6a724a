package import Diagnostics
package import SourceText

/// What lint reports are made of: a file and the findings that are shown of it, sorted.
package struct LintedFile: Sendable {
  /// The file.
  package let source: Source
  /// The findings, sorted by place and code.
  package let findings: [Diagnostic]
  /// The findings as they stand in the JSON report, if ``prepareJSON()`` has been called.
  private(set) var json: [UInt8]?

  package init(source: Source, findings: [Diagnostic]) {
    self.source = source
    self.findings = findings
  }

  /// Writes the file's part of the JSON report in advance: on the core that has linted the file, beside others.
  package mutating func prepareJSON() { json = jsonObjects }
}

/// The last line of a lint run: how many findings of which weight, and what can be mended.
package func lintSummary(_ files: [LintedFile], applied: Int) -> String? {
  var counts: [Severity: Int] = [:]
  var (withFindings, safe, unsafe) = (0, 0, 0)
  for file in files where !file.findings.isEmpty {
    withFindings += 1
    // By index: a loop over the findings would copy each.
    for index in file.findings.indices {
      counts[file.findings[index].severity, default: 0] += 1
      switch file.findings[index].fixIts.map(\.applicability).max() {
      case .safe: safe += 1
      case .unsafe: unsafe += 1
      default: break
      }
    }
  }
  var parts: [String] = []
  for severity in Severity.allCases.reversed() {
    guard let count = counts[severity] else { continue }
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
