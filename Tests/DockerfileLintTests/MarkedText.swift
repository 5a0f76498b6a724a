import Diagnostics
import DockerfileLint
import SourceText

/// A text with marks in it: `«»` around findings, `‹›` around their further places.
struct MarkedText {
  var bytes: [UInt8] = []
  var findings: [ByteRange] = []
  var notes: [ByteRange] = []

  init(_ marked: String) {
    var start = 0
    for scalar in marked.unicodeScalars {
      switch scalar {
      case "«", "‹": start = bytes.count
      case "»": findings.append(ByteRange(start, bytes.count))
      case "›": notes.append(ByteRange(start, bytes.count))
      default: bytes += Array(String(scalar).utf8)
      }
    }
  }
}

/// Lints a text.
func lint(_ text: String) -> LintResult { Linter().lint(Source(name: "Dockerfile", text: text)) }

/// The findings of a text as `line:column ID`, in order.
func found(_ text: String) -> [String] {
  let result = lint(text)
  let lines = LineIndex(result.source)
  return result.findings.map { finding in
    let position = lines.position(of: finding.range.lower)
    return "\(position.line):\(position.column) \(finding.code.id)"
  }
}
