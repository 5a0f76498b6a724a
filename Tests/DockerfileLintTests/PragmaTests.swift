import Diagnostics
import DockerfileLint
import SourceText
import Testing

@Suite("Ignore comments")
struct PragmaTests {
  /// What is found, also with hadolint's verdict, without what is said about the comments themselves.
  private func found(_ text: String, isStrict: Bool = false) -> [String] {
    let result = Linter(LintSettings { $0.isStrict = isStrict }).lint(Source(name: "Dockerfile", text: text))
    let lines = LineIndex(result.source)
    return result.findings.filter { !$0.code.id.hasPrefix("DF9") }.map {
      "\(lines.line(of: $0.range.lower)) \($0.code.id)"
    }
  }

  private func about(_ text: String) -> [String] {
    lint(text).findings.filter { $0.code.id.hasPrefix("DF9") }.map(\.code.id)
  }

  @Test(
    "A line pragma silences the next instruction; hadolint's does so in one form and directly below alone",
    arguments: [
      ("# hadolint ignore=DL3006\nFROM a\n", true, true),
      ("#hadolint   ignore = DL3006 , DL3007 # why\nFROM a\n", true, true),
      ("# hadolint ignore=DL3006#why\nFROM a\n", true, true),
      ("# hadolint ignore=dl3006\nFROM \\\n  a\n", true, false),
      ("# hadolint ignore=untagged-base-image\nFROM a\n", true, false),
      ("# hadolint ignore=DL3007 DL3006\nFROM a\n", true, false),
      ("# hadolint ignore=DL3006 why\nFROM a\n", true, false),
      ("# hadolint ignore=all\nFROM a\n", true, false),
      ("# hadolint ignore=DL3006\n\nFROM a\n", true, false),
      ("# hadolint ignore=DL3006\n# other\nFROM a\n", true, false),
      ("# hadolint ignore=DL3006\n# hadolint ignore=DL3007\nFROM a\n", true, false),
      ("# hadolint ignore=DL3007\nFROM a\n", false, false),
      ("# hadolint: ignore=DL3006\nFROM a\n", false, false),
      ("# hadolint ignore=DL3006\nARG X=1\nFROM a\n", false, false),
    ])
  func line(_ text: String, _ isSilent: Bool, _ isStrictlySilent: Bool) {
    #expect(found(text).isEmpty == isSilent)
    #expect(found(text, isStrict: true).isEmpty == isStrictlySilent)
  }

  @Test("Inside an instruction a pragma reaches the next line of text")
  func inside() {
    let text = "FROM a:1\nCOPY \\\n  # hadolint ignore=DF004\n  --form=x \\\n  --fron=y /a /b\n"
    #expect(found(text) == ["5 DF004"])
  }

  @Test("A stage pragma above a FROM reaches all of its stage; hadolint's reaches the next FROM instead")
  func stage() {
    let text = """
      # hadolint stage ignore=DL3006,DL3025
      FROM a AS x
      CMD y
      FROM b
      CMD z

      """
    #expect(found(text) == ["4 DL3006", "5 DL3025"])
    #expect(found(text, isStrict: true) == ["2 DL3006", "5 DL3025"])
  }

  @Test("A stage pragma in a stage reaches what follows in it")
  func middleOfStage() {
    let text = "FROM a:1\nENTRYPOINT x\n# hadolint stage ignore=DL3025\nCMD y\nFROM b:1\nCMD z\n"
    #expect(found(text) == ["2 DL3025", "6 DL3025"])
    #expect(
      found(text, isStrict: true) == ["2 DL3025", "4 DL3025", "6 DL3025"], "hadolint: from two lines below on"
    )
  }

  @Test("A global pragma reaches the whole file, from wherever it stands")
  func global() {
    let text = "FROM a\nCMD x\n# hadolint global ignore=DL3006\n# hadolint global ignore=DL3025\n"
    #expect(found(text).isEmpty && found(text, isStrict: true).isEmpty)
  }

  @Test("An error of the grammar can be silenced; hadolint's cannot")
  func parseErrors() {
    let text = "FROM a:1\n# hadolint ignore=DL1000\nCOPY x\n"
    #expect(found(text).isEmpty)
    #expect(found(text, isStrict: true) == ["3 DL1000"])
  }

  @Test("Pragmas can be switched off")
  func off() {
    let settings = LintSettings { $0.obeysPragmas = false }
    let text = "# hadolint global ignore=DL3006\n# hadolint ignore=DL3006\nFROM a\n"
    let findings = Linter(settings).lint(Source(name: "Dockerfile", text: text)).findings
    #expect(findings.map(\.code.id) == ["DL3006"])
  }

  @Test("What silences nothing, cannot be read, or names no rule is told")
  func aboutPragmas() {
    #expect(about("# hadolint ignore=DL3006\nFROM a\n").isEmpty)
    #expect(about("# hadolint ignore=DL3006\nFROM a:1\n") == ["DF901"])
    #expect(about("# hadolint global ignore=DL3025\nFROM a:1\n") == ["DF901"])
    #expect(about("# hadolint ignore=DL3006\n") == ["DF901"])
    #expect(about("# hadolint ignore=SC1999\nFROM a:1\n").isEmpty, "not a rule of ours")
    #expect(about("# hadolint ignore=DL3006 why\nFROM a\n") == ["DF902"])
    #expect(about("# hadolint ignore\nFROM a:1\n") == ["DF902"])
    #expect(about("# hadolint ignore=\nFROM a:1\n") == ["DF902"])
    #expect(about("# hadolint stage only=DL3006\nFROM a:1\n") == ["DF902"])
    #expect(about("# hadolint shell=/bin/bash\nFROM a:1\n").isEmpty)
    #expect(about("# hadolint ignores this\nFROM a:1\n").isEmpty, "a sentence")
  }

  @Test("What is told about a pragma can be silenced; that is never unused")
  func silencingThePragmaRules() {
    #expect(about("# hadolint global ignore=DF901\n# hadolint ignore=DL3006\nFROM a:1\n").isEmpty)
    #expect(about("# hadolint global ignore=DF901\nFROM a:1\n").isEmpty)
  }

  @Test("A reason is asked for only when the rule is on")
  func reasons() {
    let source = Source(name: "Dockerfile", text: "# hadolint ignore=DL3006\nFROM a\n")
    let linter = Linter(LintSettings { $0.severities["DF903"] = .error })
    #expect(linter.lint(source).findings.map { "\($0.code.id) \($0.severity.name)" } == ["DF903 error"])
    #expect(about("# hadolint ignore=DL3006\nFROM a\n").isEmpty)
  }
}
