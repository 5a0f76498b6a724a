import Diagnostics
import DockerfileLint
import Reports
import SourceText

/// What is done with each file of a lint run.
struct LintJob: Sendable {
  let linter: Linter
  /// How sure a fix must be; nil when nothing is mended.
  let minimum: Applicability?
  /// Whether a difference is made in place of changes.
  let isDryRun: Bool
  let stdinName: String?

  /// Reads, lints and perhaps mends a file.
  func outcome(for path: String) -> LintOutcome {
    do throws(InputError) {
      let source = try readSource(path, name: path == "-" ? stdinName : nil)
      guard let minimum else {
        return LintOutcome(linted: LintedFile(source: source, findings: linter.lint(source).findings))
      }
      let fixed = linter.fix(source, minimum: minimum)
      if isDryRun { return LintOutcome(applied: fixed.applied, diff: lintDiff(fixed)) }
      let linted = LintedFile(source: fixed.result.source, findings: fixed.result.findings)
      if path == "-" {
        return LintOutcome(linted: linted, applied: fixed.applied, mendedInput: fixed.result.source.bytes)
      }
      if fixed.isChanged {
        do throws(InputError) {
          try replaceFile(path, with: fixed.result.source.bytes)
        } catch {
          // What was found holds for the file as it still is.
          return LintOutcome(
            linted: LintedFile(source: source, findings: linter.lint(source).findings), failure: error)
        }
      }
      return LintOutcome(linted: linted, applied: fixed.applied)
    } catch {
      return LintOutcome(failure: error)
    }
  }
}

/// What came of a file.
struct LintOutcome: Sendable {
  /// The file as it is now, with what is left to find in it.
  var linted: LintedFile?
  /// How many fixes were applied, or would be.
  var applied = 0
  /// What would change.
  var diff: [UInt8]?
  /// Standard input after mending.
  var mendedInput: [UInt8]?
  /// Why there is nothing.
  var failure: InputError?
}
