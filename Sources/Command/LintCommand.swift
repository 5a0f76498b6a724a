import ArgumentParser
import CLinux
import Diagnostics
import DockerfileLint
import Glibc
import LintConfiguration
import LintInputs
import Reports
import SourceText

/// `slipway lint`
struct LintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    // Named, it spares each start two attempts to read the arguments as a request for a completion script, which the way from
    // the root knows.
    commandName: "lint", _superCommandName: Slipway.name,
    abstract: "Say what is wrong with Dockerfiles, and mend it.",
    discussion: """
      A broken line never hides what is wrong with the others. `slipway explain RULE` tells more about a finding, and a \
      comment `# hadolint ignore=RULE` directly above an instruction silences one.
      What counts is configured in .hadolint.yaml and .slipway.yaml, found from each file's folder upwards, and by \
      hadolint's environment variables.
      Exit status: 0 nothing found, 1 something found (or, with --diff, something would change), 2 wrong usage or a file \
      could not be read or written.
      """)

  @Argument(
    help: ArgumentHelp(
      "Files, folders to search, patterns, or `-` for standard input. Default: the Dockerfile of the current folder.",
      valueName: "path"))
  var paths: [String] = []
  @Flag(help: "Mend what can be mended safely; the rest is reported.")
  var fix = false
  @Flag(help: "Mend also what is only probably meant.")
  var fixUnsafe = false
  @Flag(help: "Show what --fix (or --fix-unsafe) would change, and change nothing.")
  var diff = false
  @Option(help: ArgumentHelp("What standard input is called in findings.", valueName: "name"))
  var stdinFilename: String?
  @Option(
    help: ArgumentHelp(
      "Leave out the findings that a file made by --write-baseline knows.", valueName: "file"))
  var baseline: String?
  @Option(
    help: ArgumentHelp("Write all findings into a file, so that only new ones count.", valueName: "file"))
  var writeBaseline: String?
  @Option(
    help: ArgumentHelp(
      "Report on instructions alone that have changed since a revision of git, like main or HEAD~1.",
      valueName: "revision"))
  var since: String?
  @Flag(
    name: .customLong("shellcheck"),
    help: "Also run the installed ShellCheck, once, over the scripts of all RUN instructions.")
  var usesShellCheck = false
  @Option(
    help: ArgumentHelp(
      "What holds in place of the `# check=` at the top of the files, as BuildKit's build argument BUILDKIT_DOCKERFILE_CHECK: skip=NAME,NAME;error=true.",
      valueName: "options"))
  var check: String?
  @OptionGroup var options: LintOptions
  @OptionGroup var search: LintInputOptions
  @OptionGroup var colour: ColourOptions

  func validate() throws {
    if let check, CheckDirective.Options(argument: check) == nil {
      throw ValidationError(
        "`\(check)`: the options of `check` are skip=NAME,NAME, error=true and experimental=NAME")
    }
    if writeBaseline != nil, fix || fixUnsafe || diff {
      throw ValidationError("--write-baseline and mending exclude each other")
    }
  }

  func run() throws {
    slipway_keep_freed_memory()
    let paths = OperandBundle.unbundled(paths)
    let found = try search.inputs(for: paths, isVerbose: options.verbose)
    var status = found.status
    let plan = try options.plan(
      found.inputs, named: paths, inputName: stdinFilename,
      style: TerminalStyle(isColoured: colour.isColoured(STDERR_FILENO)))
    for failure in plan.failures { status = Exit.status(reporting: failure) }
    let outcomes = try outcomes(of: plan)
    for outcome in outcomes {
      if let failure = outcome.failure { status = Exit.status(reporting: failure) }
    }
    if let writeBaseline {
      let results = zip(plan.inputs, outcomes).map { (path: $0.input.path, results: $1.results) }
      let count = try LintSelection.write(results, to: writeBaseline)
      Exit.complain("\(count) finding\(count == 1 ? "" : "s") written to \(writeBaseline)")
      if status != 0 { throw ExitCode(status) }
      return
    }
    let isFound = try diff ? printDiff(outcomes) && !plan.run.noFail : report(outcomes, plan, &status)
    // What could not be read outweighs what was found.
    if status == 0, isFound { status = Exit.failed }
    if status != 0 { throw ExitCode(status) }
  }

  /// Lints, and perhaps mends, all inputs on all cores.
  private func outcomes(of plan: LintPlan) throws -> [LintOutcome] {
    let old = try since.map { try LintSelection.versions(of: plan.inputs.map(\.input), since: $0) }
    let isWriting = writeBaseline != nil
    // One configuration may name a baseline that another does not.
    let selections = try plan.configurations.map {
      try LintSelection(baseline: isWriting ? nil : baseline ?? $0.baseline, old: old)
    }
    let minimum: Applicability? = fixUnsafe ? .unsafe : fix || diff ? .safe : nil
    let facts = LintFacts(check: check.flatMap { CheckDirective.Options(argument: $0) })
    let (isDryRun, inputName) = (diff, stdinFilename)
    let shellCheck = try usesShellCheck ? ShellCheckResults(of: plan, facts, inputName: inputName) : nil
    let formats = options.destinations(plan.run).map(\.format)
    let wantsJSON = formats.contains(.json)
    let wantsMore = isWriting || formats.contains { $0 != .json }
    return parallelMap(plan.inputs) { input in
      var outcome = LintJob(
        linter: plan.linters[input.configuration], minimum: minimum, isDryRun: isDryRun, stdinName: inputName,
        facts: facts, selection: selections[input.configuration], keepsResults: isWriting,
        shellCheck: shellCheck
      ).outcome(for: input.input)
      if wantsJSON { outcome.linted?.prepareJSON(keepsFindings: wantsMore) }
      return outcome
    }
  }

  /// Prints the findings; true when one of them counts.
  private func report(_ outcomes: [LintOutcome], _ plan: LintPlan, _ status: inout Int32) throws -> Bool {
    let files = outcomes.compactMap(\.linted)
    // Mended standard input takes standard output for itself.
    let mended = outcomes.compactMap(\.mendedInput)
    for text in mended { try write(text, to: STDOUT_FILENO) }
    let standard = mended.isEmpty ? STDOUT_FILENO : STDERR_FILENO
    let destinations = options.destinations(plan.run)
    for destination in destinations {
      let isFile = destination.path != "-"
      if destination.format == .json, !isFile {
        try lintJSONReport(files) { (piece: [UInt8]) throws(Failure) in try write(piece, to: standard) }
        continue
      }
      let isColoured = colour.isColoured(isFile ? nil : standard, configured: plan.run.noColor)
      let bytes = lintReport(files, as: destination.format, options.reportOptions(isColoured: isColoured))
      guard isFile else {
        try write(bytes, to: standard)
        continue
      }
      do throws(InputError) {
        try options.write(bytes, toFile: destination.path)
      } catch {
        status = Exit.status(reporting: error)
      }
    }
    if let summary = lintSummary(files, applied: outcomes.reduce(0) { $0 + $1.applied }) {
      writeAll(STDERR_FILENO, Array((summary + "\n").utf8))
    }
    if destinations.contains(where: \.format.neverFails) { return false }
    return zip(outcomes, plan.inputs).contains { outcome, input in
      let configuration = plan.configurations[input.configuration]
      let least = configuration.threshold.severity
      return !configuration.noFail && outcome.linted?.counts.reach(least) ?? false
    }
  }

  /// Prints what would change; true when something would.
  private func printDiff(_ outcomes: [LintOutcome]) -> Bool {
    var found = false
    for outcome in outcomes {
      guard let diff = outcome.diff, !diff.isEmpty else { continue }
      found = true
      writeAll(STDOUT_FILENO, diff)
    }
    let count = outcomes.reduce(0) { $0 + $1.applied }
    if count > 0 { writeAll(STDERR_FILENO, Array("\(count) would be fixed\n".utf8)) }
    return found
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32) throws(Failure) {
    guard writeAll(descriptor, bytes) else {
      throw Failure("cannot write the findings: \(errorText(errno))", status: Exit.unable)
    }
  }
}

/// When to use colours.
struct ColourOptions: ParsableArguments {
  enum When: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

  @Option(
    name: .customLong("color"), help: "Use colours: on a terminal only, always or never. NO_COLOR is obeyed.")
  var when = When.auto
  @Flag(name: .customLong("no-color"), help: "The same as --color never.")
  var isOff = false

  /// Whether what goes to a descriptor gets colours.
  func isColoured(_ descriptor: Int32) -> Bool {
    isColoured(descriptor, configured: unsafe getenv("NO_COLOR") == nil ? nil : true)
  }

  /// Whether what goes to a descriptor (nil: to a file) gets colours when a configuration says that they are off.
  func isColoured(_ descriptor: Int32?, configured isConfiguredOff: Bool?) -> Bool {
    if isOff || when == .never { return false }
    if when == .always { return true }
    guard let descriptor, !(isConfiguredOff ?? false) else { return false }
    return isatty(descriptor) == 1
  }
}
