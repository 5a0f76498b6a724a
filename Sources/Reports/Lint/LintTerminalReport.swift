package import Diagnostics
package import SourceText

/// Findings for people: place and sentence, the line with the part underlined, further places, and how to mend it.
///
///     Dockerfile:5:1: error: sentence [DF002 swapped-arguments]
///       5 | EXPOSE . .
///         | ^^^^^^^^^^
///       fix: exchange the two keywords (slipway lint --fix)
///       5 + COPY . .
package func lintTerminalReport(_ files: [LintedFile], style: TerminalStyle) -> [UInt8] {
  var report = TerminalReport(style: style)
  for file in files where !file.findings.isEmpty {
    let lines = LineIndex(file.source)
    for finding in file.findings { report.add(finding, file.source, lines) }
  }
  return Array(report.text.utf8)
}

/// One finding as ``lintTerminalReport`` shows it; for whoever else has something to say about a place in a Dockerfile.
package func terminalReport(_ finding: Diagnostic, in source: Source, style: TerminalStyle) -> [UInt8] {
  lintTerminalReport([LintedFile(source: source, findings: [finding])], style: style)
}

/// The same with all lines of a range around the finding's, so that a step of a build is seen as a whole.
package func terminalReport(
  _ finding: Diagnostic, in source: Source, within context: ByteRange, style: TerminalStyle
) -> [UInt8] {
  var report = TerminalReport(style: style)
  report.add(finding, source, LineIndex(source), within: context)
  return Array(report.text.utf8)
}

private struct TerminalReport {
  let style: TerminalStyle
  var text = ""

  /// Place and sentence.
  private mutating func head(_ finding: Diagnostic, _ source: Source, _ position: Position) {
    let place = "\(TerminalText.safe(source.name)):\(position.line):\(position.column):"
    text += "\(style.bold(place)) \(style.text(finding.severity.name + ":", finding.severity)) "
    text += TerminalText.safe(finding.message)
    // A failed build is no rule's finding.
    if !finding.code.id.isEmpty { text += " " + style.dim("[\(finding.code.id) \(finding.code.name)]") }
    text += "\n"
  }

  /// Lines of a context on either side of what is marked.
  private static let contextLines = 10

  /// Place and sentence, the lines of the context with the finding's part underlined, and the help. Of a long context only
  /// the first line and those near the finding are shown.
  mutating func add(_ finding: Diagnostic, _ source: Source, _ lines: LineIndex, within context: ByteRange) {
    head(finding, source, lines.position(of: finding.range.lower))
    let first = lines.line(of: context.lower)
    let last = lines.line(of: max(context.lower, context.upper - 1))
    let marked = (
      lines.line(of: finding.range.lower), lines.line(of: max(finding.range.lower, finding.range.upper - 1))
    )
    let gutter = max(3, String(last).utf8.count + 2)
    var isGap = false
    for line in first...last {
      let isNear = line >= marked.0 - Self.contextLines && line <= marked.0 + Self.contextLines
      guard isNear || line == first else {
        if !isGap { text += String(repeating: " ", count: gutter) + style.place(" :") + "\n" }
        isGap = true
        continue
      }
      isGap = false
      let whole = lines.range(ofLine: line)
      guard line >= marked.0, line <= marked.1 else {
        row(TerminalExcerpt(source, lines, ByteRange(whole.lower, whole.lower)), line, gutter)
        continue
      }
      var lower = max(whole.lower, finding.range.lower)
      let upper = min(whole.upper, finding.range.upper)
      while lower < upper, [0x20, 0x09].contains(source.bytes[Int(lower)]) { lower += 1 }
      excerpt(ByteRange(lower, max(lower, upper)), source, lines, gutter, finding.severity, label: nil)
    }
    if let help = finding.help {
      text += "\(String(repeating: " ", count: gutter)) \(style.bold("help:")) \(TerminalText.safe(help))\n"
    }
    text += "\n"
  }

  mutating func add(_ finding: Diagnostic, _ source: Source, _ lines: LineIndex) {
    let position = lines.position(of: finding.range.lower)
    head(finding, source, position)
    let last = finding.notes.reduce(position.line) { max($0, lines.line(of: $1.range.lower)) }
    let gutter = max(3, String(last).utf8.count + 2)
    excerpt(finding.range, source, lines, gutter, finding.severity, label: nil)
    var shown = position.line
    for note in finding.notes {
      let line = lines.line(of: note.range.lower)
      if line > shown + 1 { text += String(repeating: " ", count: gutter) + style.place(" :") + "\n" }
      excerpt(note.range, source, lines, gutter, finding.severity, label: note.message)
      shown = line
    }
    let indent = String(repeating: " ", count: gutter)
    if let help = finding.help { text += "\(indent) \(style.bold("help:")) \(TerminalText.safe(help))\n" }
    if let fixIt = finding.fixIts.first { mended(fixIt, source, lines, gutter) }
    text += "\n"
  }

  /// What a fix does, how to have it done, and the lines as they are then.
  private mutating func mended(_ fixIt: FixIt, _ source: Source, _ lines: LineIndex, _ gutter: Int) {
    let option =
      switch fixIt.applicability {
      case .safe: " (slipway lint --fix)"
      case .unsafe: " (perhaps; slipway lint --fix-unsafe)"
      case .displayOnly: ""
      }
    let title = TerminalText.safe(fixIt.title)
    text += "\(String(repeating: " ", count: gutter)) \(style.good("fix:")) \(title)\(style.dim(option))\n"
    guard let mended = mendedLines(fixIt, source, lines) else { return }
    for (number, line) in mended {
      let padding = String(repeating: " ", count: max(0, gutter - String(number).utf8.count))
      text += padding + style.place("\(number) ") + style.good("+ \(TerminalText.safe(line))") + "\n"
    }
  }

  private mutating func excerpt(
    _ range: ByteRange, _ source: Source, _ lines: LineIndex, _ gutter: Int, _ severity: Severity,
    label: String?
  ) {
    let excerpt = TerminalExcerpt(source, lines, range)
    row(excerpt, lines.line(of: range.lower), gutter)
    text += String(repeating: " ", count: gutter) + style.place(" |")
    text += " " + style.text(excerpt.underline, severity)
    if let label { text += " " + style.text(TerminalText.safe(label), severity) }
    text += "\n"
  }

  /// A line of the file.
  private mutating func row(_ excerpt: TerminalExcerpt, _ line: Int, _ gutter: Int) {
    let number = String(line)
    let padding = String(repeating: " ", count: max(0, gutter - number.utf8.count))
    text += padding + style.place("\(number) |") + " \(excerpt.line)\n"
  }
}

/// The lines that a fix changes, as they are afterwards; nil when it does not stay within a few short lines.
private func mendedLines(_ fixIt: FixIt, _ source: Source, _ lines: LineIndex) -> [(
  number: Int, text: String
)]? {
  var result: [(number: Int, text: String)] = []
  var edits = fixIt.edits[...]
  while let first = edits.first {
    let number = lines.line(of: first.range.lower)
    let range = lines.range(ofLine: number)
    let inLine = edits.prefix { lines.line(of: $0.range.lower) == number }
    edits = edits.dropFirst(inLine.count)
    guard range.count < 100, result.count < 4 else { return nil }
    var bytes: [UInt8] = []
    var offset = range.lower
    for edit in inLine {
      guard edit.range.upper <= range.upper, !edit.replacement.contains(0x0A) else { return nil }
      bytes += source.bytes(in: ByteRange(offset, edit.range.lower)) + edit.replacement
      offset = edit.range.upper
    }
    bytes += source.bytes(in: ByteRange(offset, range.upper))
    while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
    result.append((number, String(decoding: bytes, as: UTF8.self)))
  }
  return result
}
