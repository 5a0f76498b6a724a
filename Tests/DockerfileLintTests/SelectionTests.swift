import Diagnostics
import DockerfileLint
import DockerfileSyntax
import SourceText
import Testing

@Suite("Baselines and changes")
struct SelectionTests {
  private let digest: @Sendable ([UInt8]) -> String = { bytes in
    String(
      bytes.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }, radix: 16)
  }
  private let path = Array("a/Dockerfile".utf8)

  private func ids(_ result: LintResult) -> [String] {
    let lines = LineIndex(result.source)
    return result.findings.map { "\(lines.line(of: $0.range.lower)) \($0.code.id)" }
  }

  private func baseline(_ text: String) throws -> Baseline {
    var baseline = Baseline(digest: digest)
    baseline.add(lint(text), path: path)
    // Through the file, as users do.
    return try Baseline(baseline.bytes, digest: digest)
  }

  @Test("Known findings do not count, wherever their lines have moved")
  func moved() throws {
    let known = try baseline("FROM a\nCMD x\n")
    #expect(known.count == 2)
    let text = "# new\nARG X=1\n\nFROM   a\nENTRYPOINT y\nCMD \\\n  x\n"
    #expect(ids(known.newFindings(of: lint(text), path: path)) == ["5 DL3025"])
  }

  @Test("A finding is known in its own file, and as often as it was there")
  func counts() throws {
    let known = try baseline("FROM a\n")
    #expect(ids(known.newFindings(of: lint("FROM a\nFROM a\n"), path: path)) == ["2 DL3006"])
    #expect(ids(known.newFindings(of: lint("FROM a\n"), path: Array("b".utf8))) == ["1 DL3006"])
    #expect(ids(known.newFindings(of: lint("FROM b\n"), path: path)) == ["1 DL3006"])
  }

  @Test("The file is sorted, and the same whatever the order of the files")
  func order() {
    var (one, other) = (Baseline(digest: digest), Baseline(digest: digest))
    for name in ["b", "a"] { one.add(lint("FROM x\n"), path: Array(name.utf8)) }
    for name in ["a", "b"] { other.add(lint("FROM x\n"), path: Array(name.utf8)) }
    #expect(one.bytes == other.bytes)
  }

  @Test("What is no baseline is refused with the line")
  func malformed() {
    #expect(throws: Baseline.ParseError.missingHead) { try Baseline(Array("x\n".utf8), digest: digest) }
    #expect(throws: Baseline.ParseError.missingHead) { try Baseline([], digest: digest) }
    let text = "# slipway baseline 1\n# a comment\na\tDL3006\tff\t0\n"
    #expect(throws: Baseline.ParseError.malformedLine(3)) { try Baseline(Array(text.utf8), digest: digest) }
  }

  @Test(
    "Only changed instructions count",
    arguments: [
      ("FROM a\nCMD x\n", "FROM a\nCMD y\n", ["2 DL3025"]),
      ("FROM a\nCMD x\n", "# c\nFROM   a\n\nCMD \\\n x\n", []),
      ("FROM a\n", "FROM a\nFROM a\n", ["2 DL3006"]),
      ("", "FROM a\n", ["1 DL3006"]),
      ("FROM a:1\nCOPY <<E /x\nold\nE\nCMD x\n", "FROM a:1\nCOPY <<E /x\nnew\nE\nCMD x\n", []),
      ("# hadolint ignore=DL3006\nFROM a:1\n", "# hadolint ignore=DL3006\nFROM a:1\n", []),
      ("FROM a:1\n", "# hadolint ignore=DL3006\nFROM a:1\n", ["1 DF901"]),
    ])
  func changes(_ old: String, _ new: String, _ expected: [String]) {
    let before = Dockerfile(parsing: Source(name: "Dockerfile", text: old))
    #expect(ids(findings(of: lint(new), changedSince: [before])) == expected)
  }
}
