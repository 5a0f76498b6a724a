import Diagnostics
import DockerfileLint
import Foundation
import JSONText
import Reports
import SourceText
import Testing

@Suite("Lint reports")
struct LintReportTests {
  private func linted(_ text: String, name: String = "Dockerfile") -> LintedFile {
    let source = Source(name: name, text: text)
    return LintedFile(source: source, findings: Linter().lint(source).findings)
  }

  private func terminal(_ files: [LintedFile], coloured: Bool = false) -> String {
    String(decoding: lintTerminalReport(files, style: TerminalStyle(isColoured: coloured)), as: UTF8.self)
  }

  @Test("People see place, sentence, both lines and the mended lines")
  func swapped() {
    #expect(
      terminal([linted("FROM a:1\nEXPOSE . .\nRUN x\nCOPY 3000\n")]) == """
        Dockerfile:2:1: error: the arguments of EXPOSE and COPY (line 4) are swapped: EXPOSE takes port numbers, COPY \
        takes what to copy and where to [DF002 swapped-arguments]
          2 | EXPOSE . .
            | ^^^^^^^^^^
            :
          4 | COPY 3000
            | ^^^^^^^^^ this is a port number, as EXPOSE in line 2 needs
            fix: exchange EXPOSE and COPY (slipway lint --fix)
          2 + COPY . .
          4 + EXPOSE 3000


        """)
  }

  @Test("Nothing found, nothing printed")
  func clean() {
    #expect(terminal([linted("FROM a:1\n")]).isEmpty)
    #expect(lintSummary([linted("FROM a:1\n")], applied: 0) == nil)
    #expect(lintJSONReport([linted("FROM a:1\n")]) == Array("[]\n".utf8))
  }

  @Test("JSON of texts with everything that has to be escaped, and of many that make a report grow")
  func escapedJSON() throws {
    let texts = ["plain", "", "\"\\\n\t\u{1}", "é\u{2028}😀", String(repeating: "long ", count: 2000)]
    let source = Source(name: "a\"b\\c\n", text: "FROM a:1\n")
    let findings = texts.map { text in
      Diagnostic(
        DiagnosticCode("DF001", "name"), .error, text, at: ByteRange(0, 4),
        notes: [Note(text, at: ByteRange(5, 8))],
        help: text,
        fixIts: [FixIt("write it", .safe, [Edit(ByteRange(0, 4), Array(text.utf8) + [0xFF])])].compactMap(
          \.self))
    }
    let report = lintJSONReport([LintedFile(source: source, findings: findings)])
    let objects = try #require(try JSONSerialization.jsonObject(with: Data(report)) as? [[String: Any]])
    #expect(objects.map { $0["message"] as? String } == texts)
    #expect(objects.map { $0["help"] as? String } == texts)
    #expect(objects.allSatisfy { $0["file"] as? String == source.name })
    #expect(objects.map { ($0["notes"] as? [[String: Any]])?.first?["message"] as? String } == texts)
    let replacements = objects.map {
      (($0["fix"] as? [String: Any])?["edits"] as? [[String: Any]])?.first?["replacement"] as? String
    }
    #expect(replacements == texts.map { $0 + "\u{FFFD}" })
  }

  @Test("Colours only where they are wanted")
  func colours() {
    #expect(!terminal([linted("FROM a\n")]).contains("\u{1B}"))
    #expect(terminal([linted("FROM a\n")], coloured: true).contains("\u{1B}[1;33mwarning:\u{1B}[0m"))
  }

  @Test("A file can neither steer the terminal nor turn its own text round")
  func control() {
    let text = terminal([linted("FROM a\u{1B}[2J\u{202E}\nWROK\u{7} x\n", name: "x\u{1B}y\n")])
    #expect(!text.contains("\u{1B}") && !text.contains("\u{202E}") && !text.contains("\u{7}"))
    #expect(text.contains("<U+001B>") && text.contains("<U+202E>"))
  }

  @Test("The underline stands below its word: tabs, wide characters and long lines")
  func columns() {
    #expect(terminal([linted("FROM\ta\n")]).contains("1 | FROM    a\n    |         ^\n"))
    #expect(terminal([linted("FROM 日本\n")]).contains("    |      ^^^^\n"))
    let long = "FROM a:1\nADD \(String(repeating: "x", count: 5000)) /y\nRUN x\n"
    for line in terminal([linted(long)]).split(separator: "\n") { #expect(line.count < 140) }
    let late = "FROM \(String(repeating: "--platform=x ", count: 40))a\n"
    let report = terminal([linted(late)])
    for line in report.split(separator: "\n").dropFirst() { #expect(line.count < 140) }
  }

  @Test("JSON has hadolint's keys and ours, in alphabetical order, one array over all files")
  func json() {
    let text = String(
      decoding: lintJSONReport([linted("FROM a:1\nADD a /b\n"), linted("FROM b\n", name: "x")]), as: UTF8.self
    )
    #expect(
      text == """
        [{"code":"DL3020","column":1,"endColumn":4,"endLine":2,"file":"Dockerfile","fix":{"applicability":"safe",\
        "edits":[{"column":1,"endColumn":4,"endLine":2,"line":2,"replacement":"COPY"}],"title":"write COPY"},\
        "level":"error","line":2,"message":"COPY is enough here; ADD also unpacks archives and downloads",\
        "name":"add-instead-of-copy","url":"https://github.com/hadolint/hadolint/wiki/DL3020"},{"code":"DL3006","column":6,"endColumn":7,"endLine":1,"file":"x",\
        "help":"write the version you test with behind a colon, like `b:1.2`","level":"warning","line":1,\
        "message":"`b` has no version, so what is built changes with each new release","name":"untagged-base-image",\
        "url":"https://github.com/hadolint/hadolint/wiki/DL3006"}]

        """)
  }

  @Test("The last line counts")
  func summary() {
    let files = [
      linted("FROM a\nEXPOSE . .\nCOPY 3000\nWORKDIR 80\n"), linted("FROM a:1\n"), linted("FROM b\n"),
    ]
    #expect(
      lintSummary(files, applied: 0)
        == "1 error, 3 warnings in 2 files; 1 fixable with --fix; 1 more with --fix-unsafe")
    #expect(lintSummary([linted("FROM a:1\n")], applied: 2) == "2 fixed")
  }

  @Test("JSON made in advance is the same, and so is the summary without the findings")
  func prepared() {
    let file = linted("FROM a\nRUN cd /x && echo \"ü\\\"\"\nADD a /b\n")
    for keepsFindings in [true, false] {
      var early = file
      early.prepareJSON(keepsFindings: keepsFindings)
      #expect(early.findings.isEmpty == !keepsFindings)
      #expect(lintJSONReport([early]) == lintJSONReport([file]))
      #expect(lintSummary([early, file], applied: 0) == lintSummary([file, file], applied: 0))
      #expect(early.counts.reach(.error) == file.findings.contains { $0.severity == .error })
    }
  }

  @Test("a long JSON report comes in pieces that are one document")
  func pieces() {
    let files = (0..<400).map { linted("FROM a\nADD a /b\n", name: "\($0)/Dockerfile") }
    var pieces: [[UInt8]] = []
    lintJSONReport(files) { pieces.append($0) }
    #expect(pieces.count > 1)
    #expect(pieces.flatMap(\.self) == lintJSONReport(files))
    #expect(pieces.first?.first == UInt8(ascii: "["))
    #expect(pieces.last?.suffix(2) == Array("]\n".utf8)[...])
  }
}

@Suite("The difference that mending makes")
struct LintDiffTests {
  private func diff(_ text: String, _ minimum: Applicability = .safe) -> String {
    let fixed = Linter().fix(Source(name: "Dockerfile", text: text), minimum: minimum)
    return String(decoding: lintDiff(fixed), as: UTF8.self)
  }

  @Test("Nothing to mend, no difference")
  func unchanged() { #expect(diff("FROM a:1\n").isEmpty) }

  @Test("Hunks with three lines of context; what lies near is one hunk")
  func hunks() {
    let filler = (1...9).map { "RUN \($0)\n" }.joined()
    #expect(
      diff("FROM a:1\nADD a /b\n\(filler)ADD c /d\nRUN x\nADD e /f") == """
        --- Dockerfile
        +++ Dockerfile
        @@ -1,5 +1,5 @@
         FROM a:1
        -ADD a /b
        +COPY a /b
         RUN 1
         RUN 2
         RUN 3
        @@ -9,6 +9,6 @@
         RUN 7
         RUN 8
         RUN 9
        -ADD c /d
        +COPY c /d
         RUN x
        -ADD e /f
        \\ No newline at end of file
        +COPY e /f
        \\ No newline at end of file

        """)
  }

  @Test("Fixes over several lines and several rounds")
  func rounds() {
    #expect(
      diff("FROM a:1\nCMDD node \\\n  app.js\nRUN x\n", .unsafe) == """
        --- Dockerfile
        +++ Dockerfile
        @@ -1,4 +1,3 @@
         FROM a:1
        -CMDD node \\
        -  app.js
        +CMD ["node", "app.js"]
         RUN x

        """)
  }
}

@Suite("Reports on the rules")
struct RuleReportTests {
  private let plain = TerminalStyle(isColoured: false)

  @Test("The table has a line for each rule")
  func table() {
    let lines = String(decoding: rulesTable(RuleRegistry.all, style: plain), as: UTF8.self).split(
      separator: "\n")
    #expect(lines.count == RuleRegistry.all.count + 1)
    #expect(lines.contains { $0.hasPrefix("DF002 ") && $0.contains(" swapped-arguments ") })
  }

  @Test("A rule is explained on lines that fit a terminal")
  func explanation() {
    for rule in RuleRegistry.all {
      let text = String(decoding: ruleExplanation(rule, style: plain), as: UTF8.self)
      #expect(
        text.hasPrefix(rule.metadata.code.id) && text.contains("Why\n") && text.contains("Not flagged\n"))
      #expect(rulesJSON([rule]).count > 80)
    }
  }
}
