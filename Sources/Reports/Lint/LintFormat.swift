import Diagnostics
import SourceText

/// How findings are printed. The ten from `tty` to `junit` have hadolint's shapes.
package enum LintFormat: String, CaseIterable, Sendable {
  /// For people: the line with the place underlined, and the mended lines.
  case full
  /// One line a finding.
  case tty
  /// One array of objects.
  case json
  /// Checkstyle's XML.
  case checkstyle
  /// Code Climate's issues, each with a NUL byte behind it.
  case codeclimate
  /// GitLab's code quality report.
  case gitlabCodeclimate = "gitlab_codeclimate"
  /// One line a finding, as GNU's coding standards want it.
  case gnu
  /// Codacy's objects, one behind the other.
  case codacy
  /// SonarQube's generic issue import.
  case sonarqube
  /// SARIF 2.1.0.
  case sarif
  /// JUnit's XML.
  case junit
  /// Workflow commands that GitHub Actions shows as annotations.
  case github
  /// reviewdog's diagnostic format.
  case rdjson
  /// Tables to paste into a review.
  case markdown
}

/// What reports need to know beside the findings.
package struct LintReportOptions: Sendable {
  /// Colours.
  package var style = TerminalStyle(isColoured: false)
  /// A path in place of the file's in the formats in which hadolint replaces it: checkstyle, codeclimate,
  /// gitlab_codeclimate, sonarqube and junit.
  package var pathInReport: String?
  /// The version of this program.
  package var version = ""
  /// A digest of some bytes in hexadecimal digits, for fingerprints; injected, because hashing is no matter of text.
  package var digest: @Sendable ([UInt8]) -> String = { _ in "" }

  package init() {}
}

/// The findings in a format.
package func lintReport(
  _ files: [LintedFile], as format: LintFormat, _ options: LintReportOptions = LintReportOptions()
) -> [UInt8] {
  switch format {
  case .full: lintTerminalReport(files, style: options.style)
  case .tty: lintLineReport(files, options)
  case .gnu: lintGNUReport(files)
  case .json: lintJSONReport(files)
  case .checkstyle: lintCheckstyleReport(files, options)
  case .junit: lintJUnitReport(files, options)
  case .codeclimate: lintCodeClimateReport(files, options)
  case .gitlabCodeclimate: lintGitLabReport(files, options)
  case .codacy: lintCodacyReport(files)
  case .sonarqube: lintSonarQubeReport(files, options)
  case .sarif: lintSARIFReport(files, options)
  case .github: lintGitHubReport(files)
  case .rdjson: lintRDJSONReport(files)
  case .markdown: lintMarkdownReport(files)
  }
}

/// A finding with its places worked out.
struct PlacedFinding {
  let diagnostic: Diagnostic
  let start: Position
  let end: Position

  /// Whether it is an error of the grammar, which hadolint's formats show in a shape of its own.
  var isParseError: Bool { diagnostic.code.id == "DL1000" }
  var id: String { diagnostic.code.id }
}

extension LintedFile {
  /// The findings with their places.
  var placed: [PlacedFinding] {
    guard !findings.isEmpty else { return [] }
    let lines = LineIndex(source)
    return findings.map {
      PlacedFinding(
        diagnostic: $0, start: lines.position(of: $0.range.lower), end: lines.position(of: $0.range.upper))
    }
  }
}
