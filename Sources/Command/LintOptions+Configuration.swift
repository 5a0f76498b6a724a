import DockerfileLint
import Glibc
import LintConfiguration
import LintInputs
import Reports
import SourceText

/// The configurations of a lint run: which holds for which input, and a linter for each.
struct LintPlan: Sendable {
  /// An input with what holds for it.
  struct Input: Sendable {
    let input: LintInput
    /// The index of its configuration.
    let configuration: Int
  }

  /// The inputs that are linted, in order.
  let inputs: [Input]
  /// The different configurations; the first is that of the first input.
  let configurations: [EffectiveConfiguration]
  /// A linter for each configuration.
  let linters: [Linter]
  /// Configuration files that could not be read.
  let failures: [InputError]

  /// What holds for the whole run: what holds for the first input.
  var run: EffectiveConfiguration { configurations[0] }
}

extension LintOptions {
  /// How many problems of a configuration file are printed.
  private static let maximumProblems = 20

  /// Finds out what holds for each input, and prints what is wrong with the configuration.
  ///
  /// - Parameters:
  ///   - inputs: what has been found.
  ///   - named: the paths that the user has named; when one of them is left out, that is said.
  ///   - inputName: what standard input is called.
  ///   - style: how problems are printed.
  func plan(_ inputs: [LintInput], named: [String], inputName: String?, style: TerminalStyle) throws(Failure)
    -> LintPlan
  {
    let workingFolder = currentFolder()
    let environment = EnvironmentReader.layer(variable)
    var resolver = ConfigurationResolver(
      search: ConfigurationSearch(
        files: SystemConfigurationFiles(),
        places: ConfigurationPlaces(
          workingFolder: workingFolder, home: variable("HOME"), configHome: variable("XDG_CONFIG_HOME")),
        explicit: config, isOff: noConfig),
      workingFolder: workingFolder, environment: environment.layer, commandLine: try layer())
    var planned: [LintPlan.Input] = []
    var excluded: [(path: String, file: String)] = []
    for input in inputs {
      let path = input.displayName
      let resolution = resolver.resolve(path == "-" ? inputName ?? path : path)
      if let file = resolution.excludedBy {
        excluded.append((path, file))
      } else {
        planned.append(LintPlan.Input(input: input, configuration: resolution.configuration))
      }
    }
    // Where there is nothing to lint, the current folder's configuration says how nothing is printed.
    if resolver.configurations.isEmpty { _ = resolver.resolve("-") }
    printProblems(environment.problems + resolver.search.problems, style)
    if let config, let failure = resolver.search.failures.first {
      throw Failure("cannot read the configuration \(config): \(failure.reason)", status: Exit.unable)
    }
    let names = excluded.isEmpty ? [] : Set(named)
    for (path, file) in excluded where names.contains(path) {
      Exit.complain("\(path) is not linted: \(file) leaves it out with `exclude`")
    }
    let configurations = resolver.configurations
    if configurations.contains(where: \.verbose) {
      var counts = [Int](repeating: 0, count: configurations.count)
      for input in planned { counts[input.configuration] += 1 }
      for (configuration, count) in zip(configurations, counts) { describe(configuration, count) }
    }
    return LintPlan(
      inputs: planned, configurations: configurations,
      linters: configurations.map { Linter($0.settings) },
      failures: resolver.search.failures.map { InputError(path: $0.path, reason: $0.reason) })
  }

  /// Prints problems with their lines, of each file the first ones.
  private func printProblems(_ problems: [ConfigurationProblem], _ style: TerminalStyle) {
    var counts: [String: Int] = [:]
    var names: [String] = []
    for problem in problems {
      let count = counts[problem.source.name, default: 0]
      if count == 0 { names.append(problem.source.name) }
      counts[problem.source.name] = count + 1
      guard count < Self.maximumProblems else { continue }
      writeAll(STDERR_FILENO, terminalReport(problem.diagnostic, in: problem.source, style: style))
    }
    for name in names {
      let more = counts[name, default: 0] - Self.maximumProblems
      if more > 0 { Exit.complain("\(name): \(more) more problems like these") }
    }
  }

  private func describe(_ configuration: EffectiveConfiguration, _ count: Int) {
    let files =
      configuration.files.isEmpty ? "none, the defaults hold" : configuration.files.joined(separator: ", ")
    var text = "Configuration files: \(files)\nConfiguration of \(count) file\(count == 1 ? "" : "s"):\n"
    for line in configuration.lines { text += "  \(line)\n" }
    writeAll(STDERR_FILENO, Array(text.utf8))
  }

  /// The value of an environment variable.
  private func variable(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  /// The current folder; `/` where it has no path any more.
  private func currentFolder() -> String {
    guard let path = unsafe getcwd(nil, 0) else { return "/" }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
  }
}
