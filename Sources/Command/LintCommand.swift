import ArgumentParser
import Diagnostics
import DockerfileLint
import Glibc
import Reports
import SourceText

/// `slipway lint`
struct LintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint", abstract: "Say what is wrong with Dockerfiles, and mend it.",
    discussion: """
      A broken line never hides what is wrong with the others. `slipway explain RULE` tells more about a finding, and a \
      comment `# hadolint ignore=RULE` directly above an instruction silences one.
      Exit status: 0 nothing found, 1 something found (or, with --diff, something would change), 2 wrong usage or a file \
      could not be read or written.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case tty, json }
  enum Threshold: String, ExpressibleByArgument, CaseIterable {
    case error, warning, info, style, ignore, none

    /// The least severity that counts; hadolint lets everything count for `ignore` and `none`.
    var severity: Severity {
      switch self {
      case .error: .error
      case .warning: .warning
      case .info: .info
      case .style, .ignore, .none: .style
      }
    }
  }

  @Argument(
    help: ArgumentHelp(
      "Files, folders to search, or `-` for standard input. Default: the Dockerfile of the current folder.",
      valueName: "path"))
  var paths: [String] = []
  @Option(name: [.customShort("f"), .long], help: "How findings are printed.")
  var format = Format.tty
  @Flag(help: "Mend what can be mended safely; the rest is reported.")
  var fix = false
  @Flag(help: "Mend also what is only probably meant.")
  var fixUnsafe = false
  @Flag(help: "Show what --fix (or --fix-unsafe) would change, and change nothing.")
  var diff = false
  @Option(
    name: [.customShort("i"), .long],
    help: ArgumentHelp(
      "Leave out a rule: its id, name or alias. May be repeated, or name several with commas.",
      valueName: "rule"))
  var ignore: [String] = []
  @Option(name: [.customShort("t"), .long], help: "The least severity that makes the exit status 1.")
  var failureThreshold = Threshold.info
  @Flag(help: "Exit with 0 whatever is found.")
  var noFail = false
  @Option(help: ArgumentHelp("What standard input is called in findings.", valueName: "name"))
  var stdinFilename: String?
  @OptionGroup var colour: ColourOptions

  func run() throws {
    let ignored = try ignoredRules()
    var status: Int32 = 0
    var inputs: [String] = []
    for path in paths.isEmpty ? [try LintInputs.defaultPath()] : paths {
      do throws(InputError) {
        inputs += try LintInputs.files(at: path)
      } catch {
        status = Exit.status(reporting: error)
      }
    }
    let job = LintJob(
      linter: Linter(ignoring: ignored), minimum: fixUnsafe ? .unsafe : fix || diff ? .safe : nil,
      isDryRun: diff, stdinName: stdinFilename)
    let outcomes = parallelMap(inputs) { job.outcome(for: $0) }
    for outcome in outcomes {
      if let failure = outcome.failure { status = Exit.status(reporting: failure) }
    }
    let found = diff ? printDiff(outcomes) : try report(outcomes)
    // What could not be read outweighs what was found.
    if status == 0, found, !noFail { status = Exit.failed }
    if status != 0 { throw ExitCode(status) }
  }

  /// Prints the findings; true when one of them counts.
  private func report(_ outcomes: [LintOutcome]) throws -> Bool {
    let files = outcomes.compactMap(\.linted)
    let bytes: [UInt8] =
      switch format {
      case .tty: lintTerminalReport(files, style: TerminalStyle(isColoured: colour.isColoured(STDOUT_FILENO)))
      case .json: lintJSONReport(files)
      }
    // Mended standard input takes standard output for itself.
    let mended = outcomes.compactMap(\.mendedInput)
    for text in mended { try write(text, to: STDOUT_FILENO) }
    try write(bytes, to: mended.isEmpty ? STDOUT_FILENO : STDERR_FILENO)
    if let summary = lintSummary(files, applied: outcomes.reduce(0) { $0 + $1.applied }) {
      writeAll(STDERR_FILENO, Array((summary + "\n").utf8))
    }
    return files.contains { file in file.findings.contains { $0.severity >= failureThreshold.severity } }
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

  private func write(_ bytes: [UInt8], to descriptor: Int32) throws {
    guard writeAll(descriptor, bytes) else {
      throw Failure("cannot write the findings: \(errorText(errno))", status: Exit.unable)
    }
  }

  /// The rules to leave out. hadolint's and ShellCheck's ids are taken even where there is no such rule here yet, so that a
  /// call made for hadolint goes on working; anything else that names no rule is a mistake.
  private func ignoredRules() throws -> [String] {
    let names = ignore.flatMap { $0.split(separator: ",").map(String.init) }
    for name in names where RuleRegistry.canonicalID(for: name) == nil { throw unknownRule(name) }
    return names
  }
}

/// Says that there is no such rule, and which one comes near.
func unknownRule(_ name: String) -> Failure {
  let hint =
    RuleRegistry.suggestion(for: name).map { "; did you mean \($0)?" } ?? "; `slipway rules` lists all"
  return Failure("there is no rule `\(name)`\(hint)", status: Exit.unable)
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
    if isOff || when == .never { return false }
    if when == .always { return true }
    return unsafe getenv("NO_COLOR") == nil && isatty(descriptor) == 1
  }
}
