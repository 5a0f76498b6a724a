import Diagnostics
import JSONText
import SourceText

/// hadolint's `codeclimate`: an object for each finding, each followed by a NUL byte.
///
/// Source: the output format of Code Climate's engines.
func lintCodeClimateReport(_ files: [LintedFile], _ options: LintReportOptions) -> [UInt8] {
  var bytes: [UInt8] = []
  for file in files {
    for finding in file.placed {
      var writer = JSONWriter()
      writer.codeClimate(finding, path: options.pathInReport ?? file.source.name, fingerprint: nil)
      bytes += writer.bytes + [0]
    }
  }
  return bytes
}

/// hadolint's `gitlab_codeclimate`: one array of the same objects, each with a fingerprint.
///
/// hadolint's fingerprint covers the line's number, so that a finding counts as new when lines above it change, and two
/// alike on one line collide. Here it is made of path, rule, the text of the line, and a number for findings alike.
func lintGitLabReport(_ files: [LintedFile], _ options: LintReportOptions) -> [UInt8] {
  var writer = JSONWriter()
  writer.beginArray()
  for file in files {
    let path = options.pathInReport ?? file.source.name
    let fingerprints = fingerprints(of: file, path: path, options)
    for (finding, fingerprint) in zip(file.placed, fingerprints) {
      writer.codeClimate(finding, path: path, fingerprint: fingerprint)
    }
  }
  writer.endArray()
  writer.newline()
  return writer.bytes
}

/// A fingerprint for each finding of a file that survives lines moved around it.
func fingerprints(of file: LintedFile, path: String, _ options: LintReportOptions) -> [String] {
  guard !file.findings.isEmpty else { return [] }
  let lines = LineIndex(file.source)
  var alike: [[UInt8]: Int] = [:]
  return file.findings.map { finding in
    let line = file.source.bytes(in: lines.range(ofLine: lines.line(of: finding.range.lower)))
    var key = Array(path.utf8) + [0] + Array(finding.code.id.utf8) + [0]
    key += line.drop { $0 == 0x20 || $0 == 0x09 }
    while let last = key.last, last == 0x0A || last == 0x0D || last == 0x20 || last == 0x09 {
      key.removeLast()
    }
    let count = alike[key, default: 0]
    alike[key] = count + 1
    return options.digest(key + [0] + Array(String(count).utf8))
  }
}

extension JSONWriter {
  fileprivate mutating func codeClimate(_ finding: PlacedFinding, path: String, fingerprint: String?) {
    object { issue in
      issue.member("categories") { $0.array { $0.string("Bug Risk") } }
      issue.member("check_name", finding.id)
      issue.member("description", finding.diagnostic.message)
      if let fingerprint { issue.member("fingerprint", fingerprint) }
      issue.member("location") { writer in
        writer.object { location in
          if !finding.isParseError {
            location.member("lines") { $0.lines(finding) }
          }
          location.member("path", path)
          if finding.isParseError {
            location.member("positions") { $0.positions(finding) }
          }
        }
      }
      let severity =
        switch finding.diagnostic.severity {
        case .error: "blocker"
        case .warning: "major"
        case .info: "info"
        case .style: "minor"
        }
      issue.member("severity", severity)
      issue.member("type", "issue")
    }
  }

  private mutating func lines(_ finding: PlacedFinding) {
    object { lines in
      lines.member("begin", finding.start.line)
      lines.member(
        "end", max(finding.start.line, finding.end.column == 1 ? finding.end.line - 1 : finding.end.line))
    }
  }

  private mutating func positions(_ finding: PlacedFinding) {
    object { positions in
      positions.member("begin") { $0.position(finding.start) }
      positions.member("end") { $0.position(finding.end) }
    }
  }

  private mutating func position(_ position: Position) {
    object { place in
      place.member("column", position.column)
      place.member("line", position.line)
    }
  }
}

/// hadolint's `codacy`: objects one behind the other.
func lintCodacyReport(_ files: [LintedFile]) -> [UInt8] {
  var writer = JSONWriter()
  for file in files {
    for finding in file.placed {
      writer.object { issue in
        issue.member("filename", file.source.name)
        issue.member("line", finding.start.line)
        issue.member("message", finding.diagnostic.message)
        issue.member("patternId", finding.id)
      }
    }
  }
  return writer.bytes
}

/// hadolint's `sonarqube`: the generic issue import format, with exact columns (from 0, as SonarQube counts).
func lintSonarQubeReport(_ files: [LintedFile], _ options: LintReportOptions) -> [UInt8] {
  var writer = JSONWriter()
  writer.object { report in
    report.member("issues") { writer in
      writer.array { issues in
        for file in files {
          for finding in file.placed {
            issues.sonarQube(finding, path: options.pathInReport ?? file.source.name)
          }
        }
      }
    }
  }
  writer.newline()
  return writer.bytes
}

extension JSONWriter {
  fileprivate mutating func sonarQube(_ finding: PlacedFinding, path: String) {
    let (severity, type) =
      switch finding.diagnostic.severity {
      case .error: (finding.isParseError ? "BLOCKER" : "CRITICAL", "BUG")
      case .warning: ("MAJOR", "CODE_SMELL")
      case .info: ("MINOR", "CODE_SMELL")
      case .style: ("INFO", "CODE_SMELL")
      }
    object { issue in
      issue.member("engineId", "Hadolint")
      issue.member("primaryLocation") { writer in
        writer.object { location in
          location.member("filePath", path)
          location.member("message", finding.diagnostic.message)
          location.member("textRange") { $0.textRange(finding) }
        }
      }
      issue.member("ruleId", finding.id)
      issue.member("severity", severity)
      issue.member("type", type)
    }
  }

  /// SonarQube refuses an empty range, so a place without bytes gets the line alone.
  private mutating func textRange(_ finding: PlacedFinding) {
    let isEmpty = finding.start == finding.end
    object { range in
      if !isEmpty { range.member("endColumn", finding.end.column - 1) }
      range.member("endLine", finding.end.line)
      if !isEmpty { range.member("startColumn", finding.start.column - 1) }
      range.member("startLine", finding.start.line)
    }
  }
}

/// reviewdog's diagnostic format: columns count bytes of UTF-8 from 1, an end is behind the last byte.
func lintRDJSONReport(_ files: [LintedFile]) -> [UInt8] {
  var writer = JSONWriter()
  writer.object { report in
    report.member("source") { $0.object { $0.member("name", "slipway") } }
    report.member("diagnostics") { writer in
      writer.array { diagnostics in
        for file in files {
          let lines = LineIndex(file.source)
          for finding in file.placed { diagnostics.reviewdog(finding, file.source.name, lines) }
        }
      }
    }
  }
  writer.newline()
  return writer.bytes
}

extension JSONWriter {
  fileprivate mutating func reviewdog(_ finding: PlacedFinding, _ path: String, _ lines: LineIndex) {
    let diagnostic = finding.diagnostic
    object { item in
      item.member("message", diagnostic.message + (diagnostic.help.map { "\n\($0)" } ?? ""))
      item.member("location") { writer in
        writer.object { location in
          location.member("path", path)
          location.member("range") { $0.range(finding.start, finding.end) }
        }
      }
      let severity =
        switch diagnostic.severity {
        case .error: "ERROR"
        case .warning: "WARNING"
        case .info, .style: "INFO"
        }
      item.member("severity", severity)
      item.member("code") { writer in
        writer.object { code in
          code.member("value", finding.id)
          if let url = ruleURL(finding.id) { code.member("url", url) }
        }
      }
      if let fixIt = diagnostic.fixIts.first, !fixIt.edits.isEmpty {
        item.member("suggestions") { writer in
          writer.array(fixIt.edits) { writer, edit in
            writer.object { suggestion in
              suggestion.member("range") {
                $0.range(lines.position(of: edit.range.lower), lines.position(of: edit.range.upper))
              }
              suggestion.member("text", edit.replacement)
            }
          }
        }
      }
    }
  }

  private mutating func range(_ start: Position, _ end: Position) {
    object { range in
      range.member("start") { $0.place(start) }
      range.member("end") { $0.place(end) }
    }
  }

  private mutating func place(_ position: Position) {
    object { place in
      place.member("line", position.line)
      place.member("column", position.column)
    }
  }
}
