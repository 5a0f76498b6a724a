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
    key(plain: "code")
    string(finding.code.id)
    key(plain: "column")
    int(start.column)
    key(plain: "endColumn")
    int(end.column)
    key(plain: "endLine")
    int(end.line)
    key(plain: "file")
    string(file)
    if let fixIt = finding.fixIts.first {
      key(plain: "fix")
      write(fixIt, lines)
    }
    if let help = finding.help {
      key(plain: "help")
      string(help)
    }
    key(plain: "level")
    string(finding.severity.name)
    key(plain: "line")
    int(start.line)
    key(plain: "message")
    string(finding.message)
    key(plain: "name")
    string(finding.code.name)
    if !finding.notes.isEmpty {
      key(plain: "notes")
      beginArray()
      for note in finding.notes {
        beginObject()
        place(note.range, lines) { writer in
          writer.key(plain: "message")
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
    key(plain: "applicability")
    string(fixIt.applicability.name)
    key(plain: "edits")
    beginArray()
    for edit in fixIt.edits {
      beginObject()
      place(edit.range, lines) { writer in
        writer.key(plain: "replacement")
        writer.string(edit.replacement)
      }
      endObject()
    }
    endArray()
    key(plain: "title")
    string(fixIt.title)
    endObject()
  }

  /// The members of a place, and what comes behind them in the alphabet.
  private mutating func place(_ range: ByteRange, _ lines: LineIndex, then rest: (inout JSONWriter) -> Void) {
    let (start, end) = (lines.position(of: range.lower), lines.position(of: range.upper))
    key(plain: "column")
    int(start.column)
    key(plain: "endColumn")
    int(end.column)
    key(plain: "endLine")
    int(end.line)
    key(plain: "line")
    int(start.line)
    rest(&self)
  }
}
