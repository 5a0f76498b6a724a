import Diagnostics
import SourceText

/// hadolint's `checkstyle`: every file has its element, also one without findings.
///
/// Checkstyle knows no severity `style`; what hadolint prints there is refused by strict readers, so it is `info` here.
func lintCheckstyleReport(_ files: [LintedFile], _ options: LintReportOptions) -> [UInt8] {
  var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><checkstyle version=\"4.3\">"
  for file in files {
    let name = xmlText(options.pathInReport ?? file.source.name)
    guard !file.findings.isEmpty else {
      xml += "<file name=\"\(name)\"/>"
      continue
    }
    xml += "<file name=\"\(name)\">"
    for finding in file.placed {
      let severity = finding.diagnostic.severity == .style ? .info : finding.diagnostic.severity
      xml += "<error column=\"\(finding.start.column)\" line=\"\(finding.start.line)\""
      xml += " message=\"\(xmlText(finding.diagnostic.message))\" severity=\"\(severity.name)\""
      xml += " source=\"\(xmlText(finding.id))\"/>"
    }
    xml += "</file>"
  }
  return Array((xml + "</checkstyle>\n").utf8)
}

/// hadolint's `junit`: a suite a file, a failed case a finding.
///
/// hadolint writes the time of the run; the same input gives the same bytes here, so times are zero. `classname` and `name`
/// are what most readers show.
func lintJUnitReport(_ files: [LintedFile], _ options: LintReportOptions) -> [UInt8] {
  let total = files.reduce(0) { $0 + $1.findings.count }
  var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
  xml += "<testsuites id=\"slipway\" name=\"Slipway\" tests=\"\(total)\" failures=\"\(total)\" time=\"0\">"
  for file in files {
    let path = options.pathInReport ?? file.source.name
    let errors = file.findings.count { $0.code.id == "DL1000" }
    xml += "<testsuite id=\"slipway\" name=\"\(xmlText(path))\" tests=\"\(file.findings.count)\""
    xml += " errors=\"\(errors)\" failures=\"\(file.findings.count)\" time=\"0\""
    guard !file.findings.isEmpty else {
      xml += "/>"
      continue
    }
    xml += ">"
    for finding in file.placed {
      let diagnostic = finding.diagnostic
      let (id, message) = (xmlText(finding.id), xmlText(diagnostic.message))
      xml += "<testcase id=\"slipway.rule.\(id)\" classname=\"\(xmlText(path))\""
      xml += " name=\"\(id) line \(finding.start.line)\" time=\"0\">"
      xml += "<failure id=\"\(id)\" message=\"\(message)\" type=\"\(diagnostic.severity.name)\">"
      xml += "File: \(xmlText(path))\nLine: \(finding.start.line)\nColumn: \(finding.start.column)\n"
      xml += "Category: Slipway - \(xmlText(diagnostic.code.name))\n"
      xml += "\(diagnostic.severity.name): \(message)\n</failure></testcase>"
    }
    xml += "</testsuite>"
  }
  return Array((xml + "</testsuites>\n").utf8)
}

/// Text for an element or an attribute (XML 1.0, sections 2.2 and 2.4); characters that XML cannot hold become U+FFFD.
private func xmlText(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0x26: result += "&amp;"
    case 0x3C: result += "&lt;"
    case 0x3E: result += "&gt;"
    case 0x22: result += "&quot;"
    case 0x09, 0x0A, 0x0D: result += "&#\(scalar.value);"
    case 0..<0x20, 0xFFFE, 0xFFFF: result += "\u{FFFD}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
