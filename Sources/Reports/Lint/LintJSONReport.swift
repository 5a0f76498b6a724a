import Diagnostics
import JSONText
import SourceText

/// Findings as hadolint's JSON: one array over all files, keys in alphabetical order.
///
/// hadolint's keys are `code`, `column`, `file`, `level`, `line` and `message`; the others are ours. Lines and columns count
/// from 1, columns in bytes; an end is the place behind the last byte.
package func lintJSONReport(_ files: [LintedFile]) -> [UInt8] {
  let parts = files.indices.compactMap { index -> [UInt8]? in
    files[index].findings.isEmpty ? nil : files[index].json ?? files[index].jsonObjects
  }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(parts.reduce(3) { $0 + $1.count + 1 })
  bytes.append(0x5B)
  for (index, part) in parts.enumerated() {
    if index > 0 { bytes.append(0x2C) }
    bytes += part
  }
  bytes.append(0x5D)
  bytes.append(0x0A)
  return bytes
}

extension LintedFile {
  /// The objects of the findings, with commas between.
  var jsonObjects: [UInt8] {
    guard !findings.isEmpty else { return [] }
    // About what a finding takes: the text need not be moved as it grows.
    var writer = JSONWriter(capacity: 450 * findings.count)
    let lines = LineIndex(source)
    writer.beginArray()
    for index in findings.indices { writer.write(findings[index], source.name, lines) }
    // Without the bracket that opens the array.
    return Array(writer.bytes.dropFirst())
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ finding: Diagnostic, _ file: String, _ lines: LineIndex) {
    let (start, end) = (lines.position(of: finding.range.lower), lines.position(of: finding.range.upper))
    beginObject()
    key("code")
    string(finding.code.id)
    key("column")
    int(start.column)
    key("endColumn")
    int(end.column)
    key("endLine")
    int(end.line)
    key("file")
    string(file)
    if let fixIt = finding.fixIts.first {
      key("fix")
      write(fixIt, lines)
    }
    if let help = finding.help {
      key("help")
      string(help)
    }
    key("level")
    string(finding.severity.name)
    key("line")
    int(start.line)
    key("message")
    string(finding.message)
    key("name")
    string(finding.code.name)
    if !finding.notes.isEmpty {
      key("notes")
      beginArray()
      for note in finding.notes {
        beginObject()
        place(note.range, lines) { writer in
          writer.key("message")
          writer.string(note.message)
        }
        endObject()
      }
      endArray()
    }
    endObject()
  }

  private mutating func write(_ fixIt: FixIt, _ lines: LineIndex) {
    beginObject()
    key("applicability")
    string(fixIt.applicability.name)
    key("edits")
    beginArray()
    for edit in fixIt.edits {
      beginObject()
      place(edit.range, lines) { writer in
        writer.key("replacement")
        writer.string(edit.replacement)
      }
      endObject()
    }
    endArray()
    key("title")
    string(fixIt.title)
    endObject()
  }

  /// The members of a place, and what comes behind them in the alphabet.
  private mutating func place(_ range: ByteRange, _ lines: LineIndex, then rest: (inout JSONWriter) -> Void) {
    let (start, end) = (lines.position(of: range.lower), lines.position(of: range.upper))
    key("column")
    int(start.column)
    key("endColumn")
    int(end.column)
    key("endLine")
    int(end.line)
    key("line")
    int(start.line)
    rest(&self)
  }
}
