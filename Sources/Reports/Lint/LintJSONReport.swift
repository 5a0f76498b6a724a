import Diagnostics
import JSONText
import SourceText

/// Findings as hadolint's JSON: one array over all files, keys in alphabetical order.
///
/// hadolint's keys are `code`, `column`, `file`, `level`, `line` and `message`; the others are ours. Lines and columns count
/// from 1, columns in bytes; an end is the place behind the last byte.
package func lintJSONReport(_ files: [LintedFile]) -> [UInt8] {
  // About what a finding takes: the text need not be moved as it grows.
  var writer = JSONWriter(capacity: files.reduce(3) { $0 + 450 * $1.findings.count })
  writer.beginArray()
  for file in files where !file.findings.isEmpty {
    let lines = LineIndex(file.source)
    for finding in file.findings { writer.write(finding, file.source.name, lines) }
  }
  writer.endArray()
  writer.newline()
  return writer.bytes
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
    if let url = ruleURL(finding.code.id) {
      key("url")
      string(url)
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
