import Diagnostics
import DockerfileLint
import JSONText
import Reports
import SourceText
import Testing

@Suite("Lint formats")
struct LintFormatTests {
  private static let code = DiagnosticCode("DL3006", "untagged-base-image")

  private func file(
    _ text: String = "FROM debian\nRUN ü x\n", name: String = "a/Dockerfile",
    _ findings: [Diagnostic] = [
      Diagnostic(code, .warning, "no version: <b> & \"c\"", at: ByteRange(5, 11), help: "write one")
    ]
  ) -> LintedFile {
    LintedFile(source: Source(name: name, text: text), findings: findings)
  }

  private func report(
    _ format: LintFormat, _ files: [LintedFile], _ change: (inout LintReportOptions) -> Void = { _ in }
  )
    -> String
  {
    var options = LintReportOptions()
    options.digest = { bytes in
      // A digest of a kind: enough to tell keys apart.
      String(
        bytes.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }, radix: 16
      )
    }
    change(&options)
    return String(decoding: lintReport(files, as: format, options), as: UTF8.self)
  }

  private let parseError = Diagnostic(
    DiagnosticCode("DL1000", "parse-error"), .error, "not understood", at: ByteRange(12, 15))

  @Test("tty and gnu are hadolint's lines, with line and column for an error of the grammar")
  func lines() {
    let files = [file(), file([parseError])]
    #expect(
      report(.tty, files) == """
        a/Dockerfile:1 DL3006 warning: no version: <b> & "c"
        a/Dockerfile:2:1 not understood

        """)
    #expect(
      report(.gnu, files) == """
        hadolint:a/Dockerfile:1: DL3006 warning: no version: <b> & "c"
        hadolint:a/Dockerfile:2:1: not understood

        """)
  }

  private func file(_ findings: [Diagnostic]) -> LintedFile {
    LintedFile(source: Source(name: "a/Dockerfile", text: "FROM debian\nRUN ü x\n"), findings: findings)
  }

  @Test("checkstyle names every file and knows no severity `style`")
  func checkstyle() {
    let style = Diagnostic(DiagnosticCode("DL3048", "x"), .style, "m", at: ByteRange(0, 4))
    #expect(
      report(.checkstyle, [file(), file([]), file([style])]) == """
        <?xml version="1.0" encoding="UTF-8"?><checkstyle version="4.3"><file name="a/Dockerfile"><error column="6" \
        line="1" message="no version: &lt;b&gt; &amp; &quot;c&quot;" severity="warning" source="DL3006"/></file><file \
        name="a/Dockerfile"/><file name="a/Dockerfile"><error column="1" line="1" message="m" severity="info" \
        source="DL3048"/></file></checkstyle>

        """)
  }

  @Test("A path for reports replaces the file's where hadolint does it")
  func pathInReport() {
    for format in [LintFormat.checkstyle, .codeclimate, .gitlabCodeclimate, .sonarqube, .junit] {
      let text = report(format, [file()]) { $0.pathInReport = "other/path" }
      #expect(text.contains("other/path") && !text.contains("a/Dockerfile"), "\(format)")
    }
    for format in [LintFormat.tty, .gnu, .json, .codacy, .sarif] {
      #expect(
        report(format, [file()]) { $0.pathInReport = "other/path" }.contains("a/Dockerfile"), "\(format)")
    }
  }

  @Test("A codeclimate issue ends with NUL, an error of the grammar has positions")
  func codeClimate() {
    #expect(
      report(.codeclimate, [file(), file([parseError])]) == """
        {"categories":["Bug Risk"],"check_name":"DL3006","description":"no version: <b> & \\"c\\"","location":\
        {"lines":{"begin":1,"end":1},"path":"a/Dockerfile"},"severity":"major","type":"issue"}\0\
        {"categories":["Bug Risk"],"check_name":"DL1000","description":"not understood","location":{"path":\
        "a/Dockerfile","positions":{"begin":{"column":1,"line":2},"end":{"column":4,"line":2}}},"severity":"blocker",\
        "type":"issue"}\0
        """)
  }

  @Test("GitLab's fingerprints differ for findings alike and stay when lines move")
  func fingerprints() throws {
    let finding = Diagnostic(Self.code, .warning, "m", at: ByteRange(5, 11))
    let moved = Diagnostic(Self.code, .warning, "m", at: ByteRange(9, 15))
    func prints(_ text: String) -> [String] {
      text.split(separator: "\"fingerprint\":\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
    }
    let twice = prints(report(.gitlabCodeclimate, [file([finding, finding])]))
    #expect(twice.count == 2 && Set(twice).count == 2)
    let after = LintedFile(
      source: Source(name: "a/Dockerfile", text: "#x\n\nFROM debian\n"), findings: [moved])
    #expect(prints(report(.gitlabCodeclimate, [after])) == [twice[0]])
  }

  @Test("SonarQube counts columns from 0 and gets no empty range")
  func sonarQube() {
    #expect(
      report(.sonarqube, [file()]).contains(
        "\"textRange\":{\"endColumn\":11,\"endLine\":1,\"startColumn\":5,\"startLine\":1}"))
    let empty = Diagnostic(Self.code, .error, "m", at: ByteRange(3, 3))
    #expect(report(.sonarqube, [file([empty])]).contains("\"textRange\":{\"endLine\":1,\"startLine\":1}"))
  }

  @Test("SARIF counts columns in code points, names its rules and carries fixes")
  func sarif() throws {
    let fixIt = try #require(FixIt("write it", .safe, [Edit(ByteRange(19, 20), "y")]))
    let finding = Diagnostic(
      Self.code, .info, "m", at: ByteRange(19, 20), notes: [Note("here", at: ByteRange(0, 4))],
      fixIts: [fixIt])
    let text = report(.sarif, [file([finding])]) { $0.version = "1.2.3" }
    #expect(text.contains("\"region\":{\"endColumn\":8,\"endLine\":2,\"startColumn\":7,\"startLine\":2}"))
    #expect(text.contains("\"rules\":[{\"helpUri\":\"https://github.com/hadolint/hadolint/wiki/DL3006\""))
    #expect(text.contains("\"insertedContent\":{\"text\":\"y\"}") && text.contains("write it (safe)"))
    #expect(text.contains("\"level\":\"note\"") && text.contains("\"version\":\"1.2.3\""))
    #expect(text.contains("\"relatedLocations\":[{\"message\":{\"text\":\"here\"}"))
  }

  @Test("Paths in SARIF are URI references")
  func uris() {
    let spaced = LintedFile(
      source: Source(name: "a b/ü#Dockerfile", text: "FROM debian\n"), findings: file().findings)
    #expect(report(.sarif, [spaced]).contains("\"uri\":\"a%20b/%C3%BC%23Dockerfile\""))
  }

  @Test("GitHub's commands cannot be broken out of")
  func github() {
    let finding = Diagnostic(Self.code, .info, "50%\n::error::x", at: ByteRange(5, 11))
    let hostile = LintedFile(source: Source(name: "a,b:c", text: "FROM debian\n"), findings: [finding])
    #expect(
      report(.github, [hostile]) == """
        ::notice file=a%2Cb%3Ac,line=1,endLine=1,col=6,endColumn=12,title=DL3006 untagged-base-image::50%25%0A::error::x

        """)
  }

  @Test("reviewdog gets ranges in bytes and suggestions")
  func reviewdog() throws {
    let fixIt = try #require(FixIt("write it", .safe, [Edit(ByteRange(19, 20), "y")]))
    let finding = Diagnostic(Self.code, .error, "m", at: ByteRange(19, 20), fixIts: [fixIt])
    let text = report(.rdjson, [file([finding])])
    #expect(
      text.contains(
        "\"suggestions\":[{\"range\":{\"start\":{\"line\":2,\"column\":8},\"end\":{\"line\":2,\"column\":9}},\"text\":\"y\"}]"
      ))
    #expect(text.contains("\"severity\":\"ERROR\""))
  }

  @Test("Markdown stays a table whatever the message holds")
  func markdown() {
    let finding = Diagnostic(Self.code, .error, "a | b <img> *x* `c|d`\ne", at: ByteRange(5, 11))
    let text = report(.markdown, [file([finding])])
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| 1 |") }
    #expect(rows.count == 1)
    #expect(rows.first?.contains("a \\| b &lt;img> \\*x\\* `c\\|d`") == true)
    #expect(text.hasSuffix("1 error in 1 file\n"))
  }

  @Test("XML is well-formed for any message", arguments: [LintFormat.checkstyle, .junit])
  func wellFormed(_ format: LintFormat) {
    let finding = Diagnostic(Self.code, .error, "\u{0}\u{1B}<>&\"'\u{FFFF}]]>\n\t", at: ByteRange(5, 11))
    let text = report(format, [file([finding])])
    #expect(!text.utf8.contains { $0 < 0x20 && $0 != 0x0A } && !text.unicodeScalars.contains("\u{FFFF}"))
    #expect(!text.contains("]]>"))
  }

  @Test("Every format says nothing wrong of nothing", arguments: LintFormat.allCases)
  func empty(_ format: LintFormat) {
    let text = report(format, [file([])])
    switch format {
    case .full, .tty, .gnu, .codeclimate, .codacy, .github: #expect(text.isEmpty)
    case .json, .gitlabCodeclimate: #expect(text == "[]\n")
    case .sonarqube: #expect(text == "{\"issues\":[]}\n")
    case .checkstyle, .junit:
      #expect(text.hasPrefix("<?xml") && !text.contains("<error") && !text.contains("<failure"))
    case .sarif: #expect(text.contains("\"results\":[]"))
    case .rdjson: #expect(text.contains("\"diagnostics\":[]"))
    case .markdown: #expect(text == "nothing found\n")
    }
  }
}
