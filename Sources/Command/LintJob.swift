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
  /// What is known beside the file.
  let facts: LintFacts
  /// Which findings count.
  let selection: LintSelection
  /// Whether the results are kept as a whole, for a baseline.
  let keepsResults: Bool
  /// What the installed ShellCheck said; nil when it was not asked.
  let shellCheck: ShellCheckResults?

  /// Reads, lints and perhaps mends a file.
  func outcome(for input: LintInput) -> LintOutcome {
    do throws(FileFailure) {
      switch input.content {
      case .file: return outcome(try input.read(), input)
      case .standardInput:
        if let source = shellCheck?.standardInput { return outcome(source, input) }
        return outcome(try input.read(named: stdinName), input)
      case .embedded(let dockerfiles, let outer): return outcome(of: dockerfiles, in: outer, input)
      }
    } catch {
      return LintOutcome(failure: InputError(path: input.displayName, reason: error.sentence))
    }
  }

  private func lint(_ source: Source, _ input: LintInput) -> LintResult {
    let result = linter.lint(source, environment(source, input))
    return selection.isTrivial ? result : selection.selected(result, path: input.path)
  }

  private func environment(_ source: Source, _ input: LintInput) -> LintEnvironment {
    var environment = facts.lintEnvironment(for: input.displayName)
    environment.shellCheck = shellCheck?.findings(on: source)
    return environment
  }

  private func fix(_ source: Source, _ minimum: Applicability, _ input: LintInput) -> FixedFile {
    linter.fix(source, minimum: minimum, environment(source, input)) {
      selection.isTrivial ? $0 : selection.selected($0, path: input.path)
    }
  }

  // MARK: - A Dockerfile

  private func outcome(_ source: Source, _ input: LintInput) -> LintOutcome {
    guard let minimum else { return outcome(lint(source, input)) }
    let fixed = fix(source, minimum, input)
    if isDryRun { return LintOutcome(applied: fixed.applied, diff: lintDiff(fixed)) }
    let result = LintedFile(source: fixed.result.source, findings: fixed.result.findings)
    if case .standardInput = input.content {
      return LintOutcome(linted: result, applied: fixed.applied, mendedInput: fixed.result.source.bytes)
    }
    if fixed.isChanged {
      do throws(InputError) {
        try replaceFile(input.path, with: fixed.result.source.bytes)
      } catch {
        // What was found holds for the file as it still is.
        var outcome = outcome(lint(source, input))
        outcome.failure = error
        return outcome
      }
    }
    return LintOutcome(linted: result, applied: fixed.applied)
  }

  private func outcome(_ result: LintResult) -> LintOutcome {
    LintOutcome(
      linted: LintedFile(source: result.source, findings: result.findings),
      results: keepsResults ? [result] : [])
  }

  // MARK: - A file with Dockerfiles in it

  private func outcome(of dockerfiles: [EmbeddedDockerfile], in outer: Source, _ input: LintInput)
    -> LintOutcome
  {
    guard let minimum else { return linted(dockerfiles, in: outer, input) }
    let mending = EmbeddedMending(dockerfiles, in: outer, input) { fix($0, minimum, input) }
    if isDryRun {
      return LintOutcome(
        applied: mending.applied, diff: lintDiff(from: outer, to: mending.bytes, mending.lineOrigins))
    }
    guard mending.applied > 0 else { return linted(dockerfiles, in: outer, input) }
    do throws(InputError) {
      try replaceFile(input.path, with: mending.bytes)
    } catch {
      var outcome = linted(dockerfiles, in: outer, input)
      outcome.failure = error
      return outcome
    }
    let mended = Source(name: outer.name, bytes: mending.bytes)
    var outcome = linted(input.embedded(in: mending.bytes), in: mended, input)
    outcome.applied = mending.applied
    return outcome
  }

  /// What is found in all of them, as findings of the file that holds them.
  private func linted(_ dockerfiles: [EmbeddedDockerfile], in outer: Source, _ input: LintInput)
    -> LintOutcome
  {
    let results = dockerfiles.map { lint($0.source, input) }
    let findings = zip(dockerfiles, results).flatMap { dockerfile, result in
      result.findings.map { dockerfile.mapped($0) }
    }
    // The Dockerfiles do not overlap, but their order need not be that of the file.
    let sorted = findings.enumerated().sorted { left, right in
      left.element.range.lower != right.element.range.lower
        ? left.element.range.lower < right.element.range.lower : left.offset < right.offset
    }
    return LintOutcome(
      linted: LintedFile(source: outer, findings: sorted.map(\.element)), results: keepsResults ? results : []
    )
  }
}

/// What came of a file.
struct LintOutcome: Sendable {
  /// The file as it is now, with what is left to find in it.
  var linted: LintedFile?
  /// The results for each Dockerfile in it, where they are kept.
  var results: [LintResult] = []
  /// How many fixes were applied, or would be.
  var applied = 0
  /// What would change.
  var diff: [UInt8]?
  /// Standard input after mending.
  var mendedInput: [UInt8]?
  /// Why there is nothing.
  var failure: InputError?
}
