import Testing

/// What the linter says of lines that a build takes as they are.
@Suite("Lines that build, and do not what they look like")
struct BuilderLineTests {
  @Test("M04: of several CMD or ENTRYPOINT in a stage each one behind the first is a finding")
  func repeated() {
    let text = "FROM a:1\nCMD [\"x\"]\nENTRYPOINT [\"x\"]\nCMD [\"y\"]\nENTRYPOINT [\"y\"]\nCMD [\"z\"]\n"
    #expect(found(text) == ["4:1 DL4003", "5:1 DL4004", "6:1 DL4003"])
    #expect(found("FROM a:1 AS b\nCMD [\"x\"]\nFROM b\nCMD [\"y\"]\n") == [])
  }
}
