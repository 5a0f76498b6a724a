import Diagnostics
import SourceText

/// hadolint's `tty`: `FILE:LINE CODE level: message`, and `FILE:LINE:COLUMN message` for an error of the grammar.
func lintLineReport(_ files: [LintedFile], _ options: LintReportOptions) -> [UInt8] {
  var text = ""
  for file in files {
    let name = TerminalText.safe(file.source.name)
    for finding in file.placed {
      let message = TerminalText.safe(finding.diagnostic.message)
      if finding.isParseError {
        text += "\(name):\(finding.start.line):\(finding.start.column) \(message)\n"
      } else {
        let severity = finding.diagnostic.severity
        text +=
          "\(name):\(finding.start.line) \(finding.id) \(options.style.text(severity.name, severity)): \(message)\n"
      }
    }
  }
  return Array(text.utf8)
}

/// hadolint's `gnu`: `hadolint:FILE:LINE: CODE level: message`, with the program's name in front as GNU's coding standards
/// have it. It stays hadolint's, because that is what problem matchers look for.
func lintGNUReport(_ files: [LintedFile]) -> [UInt8] {
  var text = ""
  for file in files {
    let name = TerminalText.safe(file.source.name)
    for finding in file.placed {
      let message = TerminalText.safe(finding.diagnostic.message)
      text +=
        finding.isParseError
        ? "hadolint:\(name):\(finding.start.line):\(finding.start.column): \(message)\n"
        : "hadolint:\(name):\(finding.start.line): \(finding.id) \(finding.diagnostic.severity.name): \(message)\n"
    }
  }
  return Array(text.utf8)
}

/// Workflow commands of GitHub Actions: `::error file=…,line=…,endLine=…,col=…,endColumn=…,title=…::message`.
///
/// Source: GitHub's reference of workflow commands. Style and info are notices.
func lintGitHubReport(_ files: [LintedFile]) -> [UInt8] {
  var text = ""
  for file in files {
    for finding in file.placed {
      let diagnostic = finding.diagnostic
      let command =
        switch diagnostic.severity {
        case .error: "error"
        case .warning: "warning"
        case .info, .style: "notice"
        }
      var fields = "file=\(workflowProperty(file.source.name)),line=\(finding.start.line)"
      fields += ",endLine=\(finding.end.line)"
      // Columns are shown for a place within one line alone.
      if finding.start.line == finding.end.line {
        fields += ",col=\(finding.start.column),endColumn=\(finding.end.column)"
      }
      fields += ",title=\(workflowProperty("\(finding.id) \(diagnostic.code.name)"))"
      let message = diagnostic.message + (diagnostic.help.map { "\n\($0)" } ?? "")
      text += "::\(command) \(fields)::\(workflowText(message))\n"
    }
  }
  return Array(text.utf8)
}

/// A message of a workflow command, so that nothing in it can start another command.
private func workflowText(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "%": result += "%25"
    case "\r": result += "%0D"
    case "\n": result += "%0A"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// A property of a workflow command.
private func workflowProperty(_ text: String) -> String {
  var result = ""
  for scalar in workflowText(text).unicodeScalars {
    switch scalar {
    case ":": result += "%3A"
    case ",": result += "%2C"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// Tables to paste into a review: a heading and a table for each file with findings, and the sum below.
func lintMarkdownReport(_ files: [LintedFile]) -> [UInt8] {
  var text = ""
  for file in files where !file.findings.isEmpty {
    text += "### \(code(file.source.name))\n\n| line | rule | severity | what |\n|---:|---|---|---|\n"
    for finding in file.placed {
      let diagnostic = finding.diagnostic
      var what = cell(diagnostic.message)
      if let help = diagnostic.help { what += "<br>" + cell(help) }
      if let fixIt = diagnostic.fixIts.first { what += "<br>fix: " + cell(fixIt.title) }
      text +=
        "| \(finding.start.line) | \(code(finding.id)) \(cell(diagnostic.code.name)) | \(diagnostic.severity.name) "
        + "| \(what) |\n"
    }
    text += "\n"
  }
  text += (lintSummary(files, applied: 0) ?? "nothing found") + "\n"
  return Array(text.utf8)
}

/// A text between backticks in a table: a run of backticks longer than any inside, pipes escaped.
private func code(_ text: String) -> String {
  let safe = TerminalText.safe(text).split(separator: "|", omittingEmptySubsequences: false).joined(
    separator: "\\|")
  var longest = 0
  var run = 0
  for byte in safe.utf8 {
    run = byte == 0x60 ? run + 1 : 0
    longest = max(longest, run)
  }
  let fence = String(repeating: "`", count: longest + 1)
  return longest == 0 ? fence + safe + fence : "\(fence) \(safe) \(fence)"
}

/// Text of a cell; spans between backticks stay, everything that Markdown or HTML could read otherwise is escaped.
private func cell(_ text: String) -> String {
  var result = ""
  var isCode = false
  for scalar in TerminalText.safe(text).unicodeScalars {
    switch scalar {
    case "`":
      isCode.toggle()
      result += "`"
    case "|": result += "\\|"
    case "<" where !isCode: result += "&lt;"
    case "*" where !isCode, "_" where !isCode, "[" where !isCode, "\\" where !isCode:
      result += "\\"
      result.unicodeScalars.append(scalar)
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
