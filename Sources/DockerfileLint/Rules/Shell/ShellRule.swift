import Diagnostics
import DockerfileSyntax
import SourceText

/// A rule for one of ShellCheck's codes.
///
/// The scripts of a file are analysed once, by ``ShellAnalyzer``; a rule says in words what was found. It is not asked about
/// instructions, nor about files in which nothing was found under its code.
package protocol ShellRule: Rule {
  /// What is wrong.
  ///
  /// - Parameter subject: the name, operator or character that it is about.
  static func message(_ subject: String) -> String
  /// What to write instead.
  static var help: String? { get }
  /// What a fix does.
  static var fixTitle: String? { get }
}

extension ShellRule {
  package static var help: String? { nil }
  package static var fixTitle: String? { nil }

  /// Reports what was found under the rule's code.
  static func report(_ entries: [ShellFindings.Entry], _ context: LintContext, _ findings: inout Findings) {
    let metadata = Self.metadata
    for entry in entries {
      let diagnostic = Diagnostic(
        metadata.code, metadata.severity, message(entry.finding.subject), at: entry.place, help: help,
        fixIts: context.isStrict ? [] : entry.fixIt(fixTitle).map { [$0] } ?? [])
      findings.report(diagnostic, at: entry.instruction.index)
    }
  }
}

extension ShellFindings.Entry {
  /// The place in the file; the keyword for what is said about the RUN as a whole.
  fileprivate var place: ByteRange {
    let range = finding.range
    if range == ByteRange(0, 0) { return instruction.syntax.keyword }
    // A compound command ends where the next token starts.
    var upper = Int(range.upper)
    while upper > Int(range.lower) + 1, upper <= text.bytes.count, text.bytes[upper - 1].isShellBlank {
      upper -= 1
    }
    return text.original(Int(range.lower)..<upper)
  }

  /// The changes as edits of the file; nil when they cannot be made there.
  fileprivate func fixIt(_ title: String?) -> FixIt? {
    guard let title, !finding.changes.isEmpty else { return nil }
    var edits: [Edit] = []
    for change in finding.changes {
      guard text.isVerbatim(change.range.indices) else { return nil }
      let place: ByteRange
      if change.range.isEmpty, change.range.lower == finding.range.upper, change.range.lower > 0 {
        // Behind the last byte, not before what follows it, which may stand on another line.
        let last = text.original(Int(change.range.lower) - 1..<Int(change.range.lower))
        place = ByteRange(last.upper, last.upper)
      } else {
        place = text.original(change.range.indices)
      }
      edits.append(Edit(place, change.text))
    }
    return FixIt(title, finding.isSafe ? .safe : .unsafe, edits)
  }
}

extension UInt8 {
  fileprivate var isShellBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0A }
}
