import Diagnostics
import JSONText
import SourceText

/// Findings as hadolint's JSON: one array over all files, keys in alphabetical order.
///
/// hadolint's keys are `code`, `column`, `file`, `level`, `line` and `message`; the others are ours. Lines and columns count
/// from 1, columns in bytes; an end is the place behind the last byte.
package func lintJSONReport(_ files: [LintedFile]) -> [UInt8] {
  var bytes: [UInt8] = []
  lintJSONReport(files) { bytes += $0 }
  return bytes
}

/// The same piece by piece, so that a long report is not in memory as a whole a second time.
package func lintJSONReport<Failure: Error>(
  _ files: [LintedFile], write: ([UInt8]) throws(Failure) -> Void
) throws(Failure) {
  let pieceSize = 64 << 10
  var piece: [UInt8] = []
  piece.reserveCapacity(pieceSize + pieceSize / 4)
  piece.append(UInt8(ascii: "["))
  var isFirst = true
  for index in files.indices where !files[index].counts.isEmpty {
    if !isFirst { piece.append(UInt8(ascii: ",")) }
    isFirst = false
    // Without the bracket that opens the array.
    piece += (files[index].json ?? files[index].jsonObjects).dropFirst()
    guard piece.count >= pieceSize else { continue }
    try write(piece)
    piece.removeAll(keepingCapacity: true)
  }
  piece.append(UInt8(ascii: "]"))
  piece.append(UInt8(ascii: "\n"))
  try write(piece)
}

extension LintedFile {
  /// The objects of the findings as an array that is not closed.
  var jsonObjects: [UInt8] {
    guard !findings.isEmpty else { return [] }
    // About what a finding takes: the text need not be moved as it grows.
    var text = FindingText(capacity: 640 * findings.count)
    let lines = LineIndex(source)
    let name = jsonString(source.name)
    // A span: an array would hand out copies.
    let list = findings.span
    for index in list.indices {
      text.literal(index == 0 ? "[" : ",")
      text.write(list[index], name, lines)
    }
    return text.bytes
  }
}

/// A text as a string of JSON.
private func jsonString(_ text: String) -> [UInt8] {
  var writer = JSONWriter()
  writer.string(text)
  return writer.bytes
}

// Every key and all punctuation between two values is one text: the form is fixed, and most of a run's output is this.
extension FindingText {
  fileprivate mutating func write(_ finding: Diagnostic, _ file: [UInt8], _ lines: LineIndex) {
    let start = lines.position(of: finding.range.lower)
    literal("{\"code\":\"")
    plain(finding.code.id)
    literal("\"")
    writePlace(start, lines.position(of: finding.range.upper))
    literal(",\"file\":")
    json(file)
    if let fixIt = finding.fixIts.first { write(fixIt, lines) }
    if let help = finding.help {
      literal(",\"help\":")
      quoted(help)
    }
    literal(",\"level\":\"")
    plain(finding.severity.name)
    literal("\"")
    writeLine(start)
    literal(",\"message\":")
    quoted(finding.message)
    literal(",\"name\":\"")
    plain(finding.code.name)
    literal("\"")
    if !finding.notes.isEmpty { write(finding.notes, lines) }
    if let url = ruleURL(finding.code.id) {
      literal(",\"url\":\"")
      plain(url)
      literal("\"")
    }
    literal("}")
  }

  private mutating func write(_ notes: [Note], _ lines: LineIndex) {
    literal(",\"notes\":[")
    for (index, note) in notes.enumerated() {
      if index > 0 { literal(",") }
      let start = lines.position(of: note.range.lower)
      literal("{")
      writePlace(start, lines.position(of: note.range.upper), isFirst: true)
      writeLine(start)
      literal(",\"message\":")
      quoted(note.message)
      literal("}")
    }
    literal("]")
  }

  private mutating func write(_ fixIt: FixIt, _ lines: LineIndex) {
    literal(",\"fix\":{\"applicability\":\"")
    plain(fixIt.applicability.name)
    literal("\",\"edits\":[")
    for (index, edit) in fixIt.edits.enumerated() {
      if index > 0 { literal(",") }
      let start = lines.position(of: edit.range.lower)
      literal("{")
      writePlace(start, lines.position(of: edit.range.upper), isFirst: true)
      writeLine(start)
      literal(",\"replacement\":")
      quoted(edit.replacement)
      literal("}")
    }
    literal("],\"title\":")
    quoted(fixIt.title)
    literal("}")
  }

  private mutating func writePlace(_ start: Position, _ end: Position, isFirst: Bool = false) {
    literal(isFirst ? "\"column\":" : ",\"column\":")
    digits(start.column)
    literal(",\"endColumn\":")
    digits(end.column)
    literal(",\"endLine\":")
    digits(end.line)
  }

  private mutating func writeLine(_ start: Position) {
    literal(",\"line\":")
    digits(start.line)
  }
}
