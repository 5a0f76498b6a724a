import Diagnostics
import DockerfileLint
import Reports
import TestSupport
import Testing

/// `docs/rules` and the table in `docs/hadolint.md` are written from the rules; `make docs` writes them anew.
@Suite("The documents of the rules are those of the sources")
struct RulePagesTests {
  private static let folder = TestSupport.packageRoot + "/docs/rules"

  @Test("No page is stale or missing", arguments: RuleRegistry.all.map { $0.metadata.code.id })
  func page(id: String) throws {
    let rule = try #require(RuleRegistry.rule(named: id))
    try expect("\(Self.folder)/\(id).md", rulePage(rule))
  }

  @Test("The index is not stale")
  func index() throws {
    try expect("\(Self.folder)/index.md", rulesIndex(RuleRegistry.all))
  }

  @Test("No page is left over")
  func leftOver() throws {
    let expected = Set(RuleRegistry.all.map { "\($0.metadata.code.id).md" } + ["index.md"])
    let names = try Files.names(in: Self.folder)
    #expect(names.filter { !expected.contains($0) }.sorted() == [])
  }

  @Test("The table of differences from hadolint is not stale")
  func differences() throws {
    let path = TestSupport.packageRoot + "/docs/hadolint.md"
    let text = String(decoding: try Files.read(path), as: UTF8.self)
    let (start, end) = ("\n<!-- differences -->\n", "\n<!-- end of differences -->\n")
    let first = try #require(text.firstRange(of: start), "\(path) has no \(start)")
    let last = try #require(text.firstRange(of: end), "\(path) has no \(end)")
    let table = String(decoding: hadolintDifferences(RuleRegistry.all), as: UTF8.self)
    #expect(text[first.upperBound..<last.lowerBound] + "\n" == table, "run `make docs`")
  }

  @Test(
    "Every page is Markdown that stays in its bounds", arguments: RuleRegistry.all.map { $0.metadata.code.id }
  )
  func wellFormed(id: String) throws {
    let rule = try #require(RuleRegistry.rule(named: id))
    let page = String(decoding: rulePage(rule), as: UTF8.self)
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count { $0.hasPrefix("```") } % 2 == 0, "every fence is closed")
    #expect(page.contains("\n## Why\n") && page.contains("\n## Instead\n") && page.contains("\n## Sources\n"))
    // A table has as many cells in each line as in its first: pipes inside are escaped.
    let table = String(decoding: hadolintDifferences([rule]), as: UTF8.self)
    for line in table.split(separator: "\n") { #expect(cells(line) == 5, "\(line)") }
  }

  private func expect(_ path: String, _ bytes: [UInt8]) throws {
    guard Files.exists(path) else {
      Issue.record("\(path) is missing; run `make docs`")
      return
    }
    #expect(try Files.read(path) == bytes, "\(path) is stale; run `make docs`")
  }

  private func cells(_ line: Substring) -> Int {
    var count = -1
    var previous: Character = " "
    for character in line {
      if character == "|", previous != "\\" { count += 1 }
      previous = character
    }
    return count
  }
}
