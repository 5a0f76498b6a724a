import Diagnostics
import DockerfileLint
import LintInputs
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
  func outcome(for input: LintInput) -> LintOutcome {
    do throws(FileFailure) {
      switch input.content {
      case .file: return outcome(try input.read(), at: input.path)
      case .standardInput: return outcome(try input.read(named: stdinName), at: nil)
      case .embedded(let dockerfiles, let outer): return outcome(of: dockerfiles, in: outer, input)
      }
    } catch {
      return LintOutcome(failure: InputError(path: input.displayName, reason: error.sentence))
    }
  }

  // MARK: - A Dockerfile

  /// - Parameter path: where it is; nil for standard input.
  private func outcome(_ source: Source, at path: InputPath?) -> LintOutcome {
    guard let minimum else { return LintOutcome(linted: linted(source)) }
    let fixed = linter.fix(source, minimum: minimum)
    if isDryRun { return LintOutcome(applied: fixed.applied, diff: lintDiff(fixed)) }
    let result = LintedFile(source: fixed.result.source, findings: fixed.result.findings)
    guard let path else {
      return LintOutcome(linted: result, applied: fixed.applied, mendedInput: fixed.result.source.bytes)
    }
    if fixed.isChanged {
      do throws(InputError) {
        try replaceFile(path, with: fixed.result.source.bytes)
      } catch {
        // What was found holds for the file as it still is.
        return LintOutcome(linted: linted(source), failure: error)
      }
    }
    return LintOutcome(linted: result, applied: fixed.applied)
  }

  private func linted(_ source: Source) -> LintedFile {
    LintedFile(source: source, findings: linter.lint(source).findings)
  }

  // MARK: - A file with Dockerfiles in it

  private func outcome(of dockerfiles: [EmbeddedDockerfile], in outer: Source, _ input: LintInput)
    -> LintOutcome
  {
    guard let minimum else { return LintOutcome(linted: linted(dockerfiles, in: outer)) }
    let mending = EmbeddedMending(dockerfiles, in: outer, input) { linter.fix($0, minimum: minimum) }
    if isDryRun {
      return LintOutcome(
        applied: mending.applied, diff: lintDiff(from: outer, to: mending.bytes, mending.lineOrigins))
    }
    guard mending.applied > 0 else { return LintOutcome(linted: linted(dockerfiles, in: outer)) }
    do throws(InputError) {
      try replaceFile(input.path, with: mending.bytes)
    } catch {
      return LintOutcome(linted: linted(dockerfiles, in: outer), failure: error)
    }
    let mended = Source(name: outer.name, bytes: mending.bytes)
    return LintOutcome(
      linted: linted(input.embedded(in: mending.bytes), in: mended), applied: mending.applied)
  }

  /// What is found in all of them, as findings of the file that holds them.
  private func linted(_ dockerfiles: [EmbeddedDockerfile], in outer: Source) -> LintedFile {
    let findings = dockerfiles.flatMap { dockerfile in
      linter.lint(dockerfile.source).findings.map { dockerfile.mapped($0) }
    }
    // The Dockerfiles do not overlap, but their order need not be that of the file.
    let sorted = findings.enumerated().sorted { left, right in
      left.element.range.lower != right.element.range.lower
        ? left.element.range.lower < right.element.range.lower : left.offset < right.offset
    }
    return LintedFile(source: outer, findings: sorted.map(\.element))
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
