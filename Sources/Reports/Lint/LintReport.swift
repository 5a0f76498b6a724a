package import Diagnostics
package import SourceText

/// What lint reports are made of: a file and the findings that are shown of it, sorted.
package struct LintedFile: Sendable {
  /// The file.
  package let source: Source
  /// The findings, sorted by place and code.
  package let findings: [Diagnostic]

  package init(source: Source, findings: [Diagnostic]) {
    self.source = source
    self.findings = findings
  }
}

/// The last line of a lint run: how many findings of which weight, and what can be mended.
package func lintSummary(_ files: [LintedFile], applied: Int) -> String? {
  let findings = files.flatMap(\.findings)
  var parts: [String] = []
  for severity in Severity.allCases.reversed() {
    let count = findings.count { $0.severity == severity }
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
    let count = files.count { !$0.findings.isEmpty }
    sentences.append(parts.joined(separator: ", ") + " in \(count) file\(count == 1 ? "" : "s")")
    let best = findings.compactMap { $0.fixIts.map(\.applicability).max() }
    let safe = best.count { $0 == .safe }
    let unsafe = best.count { $0 == .unsafe }
    if safe > 0 { sentences.append("\(safe) fixable with --fix") }
    if unsafe > 0 { sentences.append("\(unsafe) \(safe > 0 ? "more " : "")with --fix-unsafe") }
  }
  return sentences.isEmpty ? nil : sentences.joined(separator: "; ")
}
