import Diagnostics
import DockerfileLint
import DockerfileSyntax
import SourceText

/// What holds for linting and mending any file at all.
///
/// The property tests and the fuzz target check the same list; each violation is a sentence.
struct LintInvariants {
  private let source: Source
  /// How many bytes the text has that findings are about: that of a file in UTF-16 is not the file's.
  private var count = 0
  private var violations: [String] = []

  /// Lints and mends the bytes in every way and gives what is violated; nothing for a linter that works.
  ///
  /// - Parameter way: the one way to do it in, modulo the number of ways; nil for all.
  static func violations(of bytes: [UInt8], way: Int? = nil) -> [String] {
    var check = LintInvariants(source: Source(name: "Dockerfile", bytes: bytes))
    for (index, (name, linter)) in linters.enumerated() where way.map({ $0 % linters.count == index }) ?? true
    {
      check.check(linter, name)
    }
    return check.violations
  }

  /// Without configuration, with all rules and all that can be asked for, and as hadolint.
  private static let linters: [(String, Linter)] = {
    var everything = LintSettings()
    for rule in RuleRegistry.all where rule.metadata.isOff {
      everything.severities[rule.metadata.code.id] = rule.metadata.severity
    }
    everything.trustedRegistries = ["docker.io", "*.example.com"]
    everything.strictLabels = true
    let types = LintSettings.LabelType.allCases
    everything.labelSchema = Dictionary(uniqueKeysWithValues: types.map { ($0.rawValue, $0) })
    everything.names = .buildkit
    var strict = everything
    strict.isStrict = true
    return [
      ("default", Linter()), ("everything", Linter(everything)),
      ("strict", Linter(LintSettings { $0.isStrict = true })), ("everything, strict", Linter(strict)),
    ]
  }()

  private init(source: Source) { self.source = source }

  private mutating func check(_ linter: Linter, _ name: String) {
    let result = linter.lint(source)
    count = result.source.bytes.count
    var last: UInt32 = 0
    for finding in result.findings {
      let what = "\(name): \(finding.code.id)"
      expect(isInside(finding.range), "\(what) at \(finding.range), outside the file")
      expect(finding.range.lower >= last, "\(what) at \(finding.range) is out of order")
      last = finding.range.lower
      expect(!finding.message.isEmpty, "\(what) says nothing")
      for note in finding.notes {
        expect(isInside(note.range), "\(what) has a note at \(note.range), outside the file")
      }
      for edit in finding.fixIts.flatMap(\.edits) {
        expect(isInside(edit.range), "\(what) has an edit at \(edit.range), outside the file")
      }
    }
    for minimum in [Applicability.safe, .unsafe] {
      let fixed = linter.fix(source, minimum: minimum)
      let what = "\(name), fix \(minimum.name)"
      expect(
        fixed.result.dockerfile.problems.count <= result.dockerfile.problems.count,
        "\(what) leaves more problems"
      )
      expect(
        fixed.isChanged || fixed.result.source.bytes == result.source.bytes, "\(what) changes without a fix")
      expect(
        !linter.fix(fixed.result.source, minimum: minimum).isChanged, "\(what) has something left to mend")
    }
  }

  private func isInside(_ range: ByteRange) -> Bool {
    range.lower <= range.upper && Int(range.upper) <= count
  }

  private mutating func expect(_ condition: Bool, _ violation: @autoclosure () -> String) {
    if !condition, violations.count < 20 { violations.append(violation()) }
  }
}
