import Diagnostics
import DockerfileLint
import DockerfileSyntax
import SourceText
import Testing

/// A rule by its id, so that a failing case is named.
struct RuleCase: CustomTestStringConvertible, Sendable {
  let rule: any Rule.Type
  var testDescription: String { "\(rule.metadata.code.id) \(rule.metadata.code.name)" }
  static let all = RuleRegistry.all.map { RuleCase(rule: $0) }

  /// A linter in which the rule is on.
  func linter(_ settings: LintSettings) -> Linter {
    var settings = settings
    let data = rule.metadata
    if data.isOff, settings.severities[data.code.id] == nil {
      settings.severities[data.code.id] = data.severity
    }
    return Linter(settings)
  }
}

@Suite("The rules' documentation is true")
struct RuleDocumentationTests {
  @Test("The examples are flagged exactly where they are marked", arguments: RuleCase.all)
  func places(_ testCase: RuleCase) {
    let code = testCase.rule.metadata.code
    for example in testCase.rule.documentation.examples {
      let marked = MarkedText(example.marked)
      #expect(marked.bytes == Array(example.text.utf8))
      let linter = testCase.linter(example.settings)
      let source = Source(name: "Dockerfile", bytes: marked.bytes)
      let all = linter.lint(source, example.environment).findings
      let findings = all.filter { $0.code == code }
      #expect(findings.map(\.range) == marked.findings, "\(example.marked)")
      #expect(findings.flatMap { $0.notes.map(\.range) } == marked.notes, "\(example.marked)")
      #expect(findings.isEmpty != example.isBad, "\(example.marked)")
    }
  }

  @Test("The examples are mended as they say, once and for all", arguments: RuleCase.all)
  func fixes(_ testCase: RuleCase) throws {
    let code = testCase.rule.metadata.code
    for example in testCase.rule.documentation.examples {
      let linter = testCase.linter(example.settings)
      let source = Source(name: "Dockerfile", text: example.text)
      let safe = example.fixed ?? example.text
      let cases: [(Applicability, String)] = [(.safe, safe), (.unsafe, example.unsafelyFixed ?? safe)]
      for (minimum, expected) in cases {
        let fixed = linter.fix(source, minimum: minimum, only: [code.id])
        #expect(fixed.result.source.text(in: ByteRange(0, Int.max)) == expected, "\(minimum)")
        let again = linter.fix(fixed.result.source, minimum: minimum, only: [code.id])
        #expect(again.applied == 0 && again.result.source.bytes == fixed.result.source.bytes)
        let (before, after) = (Dockerfile(parsing: source).problems, fixed.result.dockerfile.problems)
        #expect(after.count <= before.count)
      }
    }
  }

  @Test("Where hadolint differs, strict mode gives its verdict", arguments: RuleCase.all)
  func differences(_ testCase: RuleCase) {
    let code = testCase.rule.metadata.code
    for difference in testCase.rule.documentation.differences {
      let source = Source(name: "Dockerfile", text: difference.dockerfile)
      var settings = difference.settings
      for (isStrict, expected) in [(false, difference.ours), (true, difference.strict)] {
        settings.isStrict = isStrict
        let result = testCase.linter(settings).lint(source)
        let lines = LineIndex(result.source)
        let found = result.findings.filter { $0.code == code }.map { lines.line(of: $0.range.lower) }
        #expect(found == expected, "strict: \(isStrict): \(difference.reason)")
      }
      #expect(difference.ours != difference.strict, "\(difference.reason)")
    }
  }

  @Test("Every rule says all that a reader needs", arguments: RuleCase.all)
  func completeness(_ testCase: RuleCase) {
    let (data, page) = (testCase.rule.metadata, testCase.rule.documentation)
    #expect(!data.summary.isEmpty && !page.what.isEmpty && !page.why.isEmpty && !page.instead.isEmpty)
    #expect(!page.sources.isEmpty)
    #expect((data.fix == nil) == (page.fixSafety == nil))
    #expect(page.examples.contains(where: \.isBad) && page.examples.contains { !$0.isBad })
    let name = data.code.name
    #expect(
      name.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D },
      "kebab-case")
    #expect(!name.hasPrefix("-") && !name.hasSuffix("-") && !name.contains("--"))
  }

  @Test("Ids, names and aliases are unique, and the rules sorted")
  func identity() {
    let ids = RuleRegistry.all.map { $0.metadata.code.id }
    #expect(ids == ids.sorted())
    // A check of BuildKit's may be several rules; all other names are one rule's.
    let names =
      RuleRegistry.all.flatMap { [$0.metadata.code.id, $0.metadata.code.name] + $0.metadata.aliases }
      + Set(RuleRegistry.all.compactMap { $0.metadata.buildkit })
    #expect(Set(names.map { $0.lowercased() }).count == names.count)
  }

  @Test("A rule is found by id, name and alias, letter case aside, and a misspelt one is guessed")
  func lookup() {
    for name in ["DL4000", "dl4000", "deprecated-maintainer", "MaintainerDeprecated"] {
      #expect(RuleRegistry.rule(named: name)?.metadata.code.id == "DL4000")
    }
    #expect(RuleRegistry.rule(named: "DL9999") == nil)
    #expect(RuleRegistry.suggestion(for: "swaped-arguments") == "swapped-arguments")
  }
}
